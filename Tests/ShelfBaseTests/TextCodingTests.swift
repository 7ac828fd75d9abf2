import ShelfBase
import Testing

@Suite struct TextCodingTests {
    @Test func hexBothWays() {
        let all = (0...255).map { UInt8($0) }
        #expect(Hex.decode(Hex.encode(all)) == all)
        #expect(Hex.decode(Hex.encode(all, uppercase: true)) == all)
        #expect(Hex.encode([0, 0xaf, 255]) == "00afff")
        #expect(Hex.encode([0xaf], uppercase: true) == "AF")
        #expect(Hex.encode([UInt8]()) == "")
        #expect(Hex.decode("") == [])
    }

    @Test(arguments: ["a", "0g", "0x12", " 1", "+1", "\u{ff11}\u{ff12}", "1\0"])
    func notHex(text: String) {
        #expect(Hex.decode(text) == nil)
        #expect(text == "a" ? Hex.isHex(text) : !Hex.isHex(text))
    }

    @Test func emptyTextIsNoHex() { #expect(!Hex.isHex("")) }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy"),
    ])
    func base64OfTheStandard(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(text.utf8))
    }

    @Test func base64OfEveryByte() {
        for length in 0..<260 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
        #expect(Base64.encode([0xfb, 0xff]) == "+/8=")
    }

    @Test(arguments: ["Z", "Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zm9v\n", "Zm-_", "=Zg=", "Z=g="])
    func notBase64(text: String) { #expect(Base64.decode(text) == nil) }
}
