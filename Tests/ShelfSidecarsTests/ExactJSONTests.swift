import ShelfBase
import ShelfSidecars
import Testing

@Suite struct ExactJSONTests {
    @Test(arguments: [
        "1", "-0", "1.0", "1e5", "1E+05", "0.10", "123456789012345678901234567890", "1e999", "NaN", "Infinity",
        "-Infinity", "true", "false", "null", #""\ud83d""#, #""a\udc00b""#, "[]", "{}",
        #"{"b":1.0,"a":[{"b":2},"",null]}"#, #""\u0001\b\f""#, "\"\u{7f}é\u{2028}\"", #""\\\"/""#,
    ])
    func comesOutAsItWentIn(_ text: String) throws {
        #expect(String(decoding: try ExactJSON.parse(Array(text.utf8)).bytes(), as: UTF8.self) == text)
    }

    @Test func escapesAreResolvedAndTextIsKept() throws {
        let value = try ExactJSON.parse(Array(#""\u00e9\n\ud83d\ude00\/""#.utf8))
        #expect(value == ExactJSON("é\n😀/"))
        #expect(String(decoding: value.bytes(), as: UTF8.self) == #""é\n😀/""#)
    }

    @Test func isIndentedAsPythonDoes() throws {
        let value = try ExactJSON.parse(Array(#"{"a":[1,{"b":2}],"c":[],"d":{}}"#.utf8))
        let expected = "{\n  \"a\": [\n    1,\n    {\n      \"b\": 2\n    }\n  ],\n  \"c\": [],\n  \"d\": {}\n}"
        #expect(String(decoding: value.bytes(indent: 2), as: UTF8.self) == expected)
    }

    @Test func aRepeatedKeyHasItsLastValue() throws {
        let object = try #require(try ExactJSON.parse(Array(#"{"a":1,"b":2,"a":3}"#.utf8)).object)
        #expect(object.members.map(\.key) == [Array("a".utf8), Array("b".utf8)])
        #expect(object["a"] == ExactJSON(3))
    }

    @Test func aByteOrderMarkIsPassedOver() throws {
        #expect(try ExactJSON.parse([0xef, 0xbb, 0xbf] + Array("{}".utf8)).object?.isEmpty == true)
    }

    @Test(arguments: [
        "", " ", "{", "{}x", "{\"a\"}", "[1,]", "tru", "+1", "01", "1.", ".5", "'a'", "\"\u{0}\"", "\"\\x\"",
        #""\ud83d"#, #""\ud83d\q""#, #""\ud83d\u12""#, "-Inf", "Nan", "\u{0}", "{\"a\": \u{0}1}",
    ])
    func refuses(_ text: String) {
        #expect(throws: JSONError.self) { try ExactJSON.parse(Array(text.utf8)) }
    }

    @Test func refusesWhatIsTooDeepOrTooLongOrNoText() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONError.self) { try ExactJSON.parse(Array(deep.utf8)) }
        let bracketed = String(repeating: "[", count: 250) + String(repeating: "]", count: 250)
        #expect(throws: JSONError.self) { try ExactJSON.parse(Array(bracketed.utf8)) }
        let digits = String(repeating: "9", count: 5000)
        #expect(throws: JSONError.self) { try ExactJSON.parse(Array(digits.utf8)) }
        #expect(throws: JSONError.self) { try ExactJSON.parse([0x22, 0xff, 0x22]) }
        #expect(throws: JSONError.self) { try ExactJSON.parse(Array(#""\ud83d"#.utf8) + [0xff, 0x22]) }
    }
}

@Suite struct HashTextTests {
    @Test(arguments: [
        ("AUTOV2:90bffafd10", "AUTOV2: 90BFFAFD10"), (" autov2 :  90BFFAFD10 \n", "AUTOV2: 90BFFAFD10"),
        ("civitai:12@34", "civitai: 12@34"), ("Civitai: 12 @ 34", "civitai: 12@34"), ("civitai: 12", "civitai: 12"),
        ("civitai:12@x", "civitai:12@x"), (" 90bffafd10 ", "90bffafd10"), ("SHA256:ab", "SHA256:ab"), ("", ""),
        ("AUTOV2:", "AUTOV2:"), ("a:b:c", "a:b:c"),
    ])
    func isNormalised(_ row: (text: String, expected: String)) {
        #expect(HashText.normalised(row.text) == row.expected)
        #expect(HashText.normalised(row.expected) == row.expected)
    }
}
