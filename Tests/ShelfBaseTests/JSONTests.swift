import ShelfBase
import Testing

private func reason(_ text: String) -> JSONError.Reason? { reason(Array(text.utf8)) }

private func reason(_ bytes: [UInt8]) -> JSONError.Reason? {
    do throws(JSONError) {
        _ = try JSONValue.parse(bytes)
        return nil
    } catch { return error.reason }
}

@Suite struct JSONReadingTests {
    @Test(arguments: [
        ("null", JSONValue.null), (" true ", .bool(true)), ("\t\r\nfalse\n", .bool(false)), ("0", .int(0)),
        ("-0", .int(0)),
        ("-1", .int(-1)), ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
        ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("1.0", .double(1)), ("1e2", .double(100)),
        ("1E-2", .double(0.01)), ("0.1e+1", .double(1)), ("1e-400", .double(0)), (#""""#, .string("")),
        (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{c}\n\r\t")),
        (#""\u0041\u00e9\u20AC""#, .string("A\u{e9}\u{20ac}")),
        (#""\ud83d\ude00""#, .string("\u{1f600}")), (#""\u0000""#, .string("\0")),
        ("\"\u{7f}\u{80}\"", .string("\u{7f}\u{80}")),
        ("[]", .array([])), ("[1, [2], {}]", .array([.int(1), .array([.int(2)]), .object([:])])),
        (#"{"":1,"a":{"b":[]}}"#, .object(["": .int(1), "a": .object(["b": .array([])])])),
    ])
    func accepted(text: String, wanted: JSONValue) throws { #expect(try JSONValue.parse(text) == wanted) }

    @Test(arguments: [
        ("", JSONError.Reason.unexpectedEnd), (" ", .unexpectedEnd), ("[", .unexpectedEnd), ("{", .unexpectedEnd),
        ("\"", .unexpectedEnd), ("[1", .unexpectedEnd), (#"{"a""#, .unexpectedEnd), (#"{"a":"#, .unexpectedEnd),
        (#""\"#, .unexpectedEnd), (#""\u12"#, .unexpectedEnd), ("nul", .unexpectedByte), ("True", .invalidNumber),
        ("[1,]", .invalidNumber), ("[,1]", .invalidNumber), ("[1 2]", .unexpectedByte), ("{1:2}", .unexpectedByte),
        (#"{"a" 1}"#, .unexpectedByte), (#"{"a":1,}"#, .unexpectedByte), ("[1}", .unexpectedByte),
        ("01", .invalidNumber),
        ("-", .invalidNumber), ("+1", .invalidNumber), (".5", .invalidNumber), ("1.", .invalidNumber),
        ("1e", .invalidNumber),
        ("1e+", .invalidNumber), ("-01", .invalidNumber), ("NaN", .invalidNumber), ("Infinity", .invalidNumber),
        ("0x10", .trailingCharacters), ("1e999", .overflow), ("-1e999", .overflow), ("1 2", .trailingCharacters),
        ("{}x", .trailingCharacters), ("null\0", .trailingCharacters), (#""\x41""#, .invalidEscape),
        (#""\u00g0""#, .invalidEscape), (#""\'""#, .invalidEscape), (#""\ud800""#, .loneSurrogate),
        (#""\udc00""#, .loneSurrogate), (#""\ud800\ud800""#, .loneSurrogate), (#""\ud800x""#, .loneSurrogate),
        (#""\ud800\n""#, .loneSurrogate), ("\"\n\"", .controlCharacter), ("\"\0\"", .controlCharacter),
        ("\"a\u{1f}\"", .controlCharacter), ("\u{feff}{}", .invalidNumber), ("/**/1", .invalidNumber),
        ("'a'", .invalidNumber),
    ])
    func refused(text: String, wanted: JSONError.Reason) { #expect(reason(text) == wanted, "\(text)") }

    @Test(
        arguments: [
            [0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0x80],
        ] as [[UInt8]])
    func textsMustBeUTF8(bytes: [UInt8]) {
        #expect(reason([0x22] + bytes + [0x22]) == .invalidUTF8)
        #expect(reason([0x22, 0x5c, 0x6e] + bytes + [0x22]) == .invalidUTF8)
    }

    @Test func depthIsBounded() throws {
        func nested(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        #expect(reason(nested(JSONCursor.defaultDepth)) == nil)
        #expect(reason(nested(JSONCursor.defaultDepth + 2)) == .tooDeep)
        #expect(reason(String(repeating: #"{"a":"#, count: 1_000_000)) == .tooDeep)
        #expect(reason(String(repeating: "[", count: 1_000_000)) == .tooDeep)
        #expect(try JSONValue.parse(Array(nested(150).utf8), maximumDepth: 200) != .null)
    }

    @Test func aRepeatedKeyKeepsItsLastValueAndItsFirstPlace() throws {
        let object = try #require(try JSONValue.parse(#"{"a":1,"b":2,"a":3}"#).object)
        #expect(object.keys == ["a", "b"])
        #expect(object["a"] == .int(3))
    }

    @Test func keysAreComparedAsBytes() throws {
        let object = try #require(try JSONValue.parse("{\"\u{e9}\":1,\"e\u{301}\":2}").object)
        #expect(object.count == 2)
        #expect(object["\u{e9}"] == .int(1))
        #expect(object["e\u{301}"] == .int(2))
    }

    @Test func manyKeysTakeNoSquareOfTheirNumber() throws {
        let text = "{" + (0..<50_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}"
        #expect(try JSONValue.parse(text).object?.count == 50_000)
    }

    @Test func theErrorSaysWhere() {
        do throws(JSONError) { _ = try JSONValue.parse(#"{"a": nope}"#) } catch {
            #expect(error == JSONError(.unexpectedByte, at: 6))
        }
    }
}

@Suite struct JSONCursorTests {
    private func with<Result>(
        _ text: String, _ body: (inout JSONCursor) throws(JSONError) -> Result
    ) throws(JSONError) -> Result {
        try Array(text.utf8).withUnsafeBufferPointer { (buffer) throws(JSONError) in
            var cursor = JSONCursor(buffer)
            return try body(&cursor)
        }
    }

    @Test func unsigned() throws {
        #expect(try with(" 18446744073709551615") { (cursor) throws(JSONError) in try cursor.readUnsigned() } == .max)
        for (text, wanted) in [
            ("18446744073709551616", JSONError.Reason.overflow), ("-1", .wrongType), ("1.0", .wrongType),
            ("1e0", .wrongType),
            ("\"1\"", .wrongType), ("", .unexpectedEnd),
        ] {
            #expect(throws: JSONError.self, "\(text)") {
                try with(text) { (cursor) throws(JSONError) in _ = try cursor.readUnsigned() }
            }
            do throws(JSONError) {
                _ = try with(text) { (cursor) throws(JSONError) in try cursor.readUnsigned() }
            } catch {
                #expect(error.reason == wanted, "\(text)")
            }
        }
    }

    @Test func skippingChecksAsReadingDoes() throws {
        for text in ["{\"a\":[1,{\"b\":null}],\"c\":\"x\"}", "[]", "1.5e3", "\"\\ud83d\\ude00\""] {
            try with(text) { (cursor) throws(JSONError) in
                try cursor.skipValue()
                try cursor.expectEnd()
            }
        }
        for text in ["{\"a\"}", "[1,]", "\"\\ud800\"", "tru", "[[1]"] {
            #expect(throws: JSONError.self) { try with(text) { (cursor) throws(JSONError) in try cursor.skipValue() } }
        }
    }

    @Test func aStringLongerThanAllowed() {
        #expect(throws: JSONError(.tooLong, at: 1)) {
            try with("\"abcd\"") { (cursor) throws(JSONError) in _ = try cursor.readStringBytes(maximum: 3) }
        }
    }
}

@Suite struct JSONWritingTests {
    @Test func shapes() {
        let value = JSONValue.object([
            "a": .array([.int(1), .null]), "b": .object([:]), "c": .array([]), "d": .bool(true),
        ])
        #expect(value.text() == #"{"a":[1,null],"b":{},"c":[],"d":true}"#)
        #expect(
            value.text(indent: 2)
                == "{\n  \"a\": [\n    1,\n    null\n  ],\n  \"b\": {},\n  \"c\": [],\n  \"d\": true\n}")
    }

    @Test func whatHasNoWordIsNull() {
        #expect(JSONValue.double(.infinity).text() == "null")
        #expect(JSONValue.double(.nan).text() == "null")
        #expect(JSONValue.double(1.5e300).text() == "1.5e+300")
    }

    @Test func everyScalarComesBack() throws {
        var text = ""
        for value in stride(from: UInt32(0), through: 0x10ffff, by: 17) {
            if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
        }
        for value in UInt32(0)...0x200 { if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) } }
        let back = try #require(try JSONValue.parse(JSONValue.string(text).bytes()).string)
        #expect(back.utf8.elementsEqual(text.utf8))
    }

    @Test func numbersComeBack() throws {
        for number in [0.1, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1.0 / 3, 1e21, 123_456_789.125] {
            #expect(try JSONValue.parse(JSONValue.double(number).text()).double == number)
        }
        for number in [Int64.min, -1, 0, 1, .max] {
            #expect(try JSONValue.parse(JSONValue.int(number).text()) == .int(number))
        }
    }

    @Test func objectsKeepTheirOrder() {
        var object: JSONObject = ["b": .int(1), "a": .int(2)]
        object["b"] = .int(3)
        object["c"] = .null
        object["a"] = nil
        object["x"] = nil
        #expect(object.keys == ["b", "c"])
        #expect(object != ["c": .null, "b": .int(3)])
        #expect(object == ["b": .int(3), "c": .null])
    }

    @Test func lookingIntoForeignDocuments() throws {
        let value = try JSONValue.parse(#"{"a":[{"b":1.0}],"n":1.5}"#)
        #expect(value["a"]?[0]?["b"]?.int == 1)
        #expect(value["a"]?[1] == nil)
        #expect(value["a"]?[-1] == nil)
        #expect(value["a"]?["b"] == nil)
        #expect(value["n"]?.int == nil)
        #expect(JSONValue.double(1e300).int == nil)
        #expect(JSONValue.int(2).double == 2)
    }
}

/// Texts that are nearly JSON: none may end the process, and what is accepted must come back the same.
@Suite struct JSONFuzzTests {
    private static let seeds = [
        #"{"__metadata__":{"a":"\ud83d\ude00\n","b":"é"},"t":{"dtype":"F16","shape":[1,2],"data_offsets":[0,4]}}"#,
        #"[1,-2.5e10,true,false,null,"",{"a":{"b":[[[]]]}}]"#,
        #"{"id":9223372036854775807,"x":1e308,"name":"a\\b\/c\"","deep":[[[[[[[[1]]]]]]]]}"#,
    ]

    private struct Numbers {
        var state: UInt64
        mutating func next(below limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % max(1, limit)
        }
    }

    @Test func mutations() throws {
        var numbers = Numbers(state: 1)
        let words = [
            "\\u", "\\ud800", "{", "}", "[", "]", ",", ":", "\"", "e+", "-", ".", "9999999999999999999", "\u{0}", "nul",
        ]
        var accepted = 0
        for round in 0..<50_000 {
            var bytes = Array(Self.seeds[round % Self.seeds.count].utf8)
            for _ in 0...numbers.next(below: 3) {
                let place = numbers.next(below: bytes.count)
                switch numbers.next(below: 5) {
                case 0: if !bytes.isEmpty { bytes[place] = UInt8(numbers.next(below: 256)) }
                case 1: if !bytes.isEmpty { bytes.remove(at: place) }
                case 2: bytes.insert(contentsOf: words[numbers.next(below: words.count)].utf8, at: place)
                case 3: bytes.removeLast(min(bytes.count, numbers.next(below: 20)))
                default: bytes.insert(contentsOf: bytes.suffix(numbers.next(below: 30)), at: place)
                }
            }
            guard let value = try? JSONValue.parse(bytes) else { continue }
            accepted += 1
            #expect(try JSONValue.parse(value.bytes(indent: round % 3)) == value)
        }
        #expect(accepted > 1000)
        #expect(accepted < 49_000)
    }
}
