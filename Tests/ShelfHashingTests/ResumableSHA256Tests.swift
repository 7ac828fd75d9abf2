import ShelfBase
import Testing

@testable import ShelfHashing

struct ResumableSHA256Tests {
    private static let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 3) }

    private static func digest(_ bytes: [UInt8]) throws -> String { Hex.encode(try MessageDigest.sha256(of: bytes)) }

    @Test func knownAnswers() {
        #expect(
            Hex.encode(ResumableSHA256().digest())
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        var hash = ResumableSHA256()
        Array("abc".utf8).withUnsafeBytes { hash.update($0) }
        #expect(
            Hex.encode(hash.digest()) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func everyPlaceToStopIsAPlaceToGoOn() throws {
        let whole = try Self.digest(Self.bytes)
        for stop in 0...Self.bytes.count {
            var first = ResumableSHA256()
            Self.bytes[..<stop].withUnsafeBytes { first.update($0) }
            var second = try #require(ResumableSHA256(state: first.state))
            #expect(second.count == Int64(stop) && second.state == first.state)
            Self.bytes[stop...].withUnsafeBytes { second.update($0) }
            #expect(Hex.encode(second.digest()) == whole)
        }
    }

    @Test func aCopyGoesItsOwnWay() {
        var one = ResumableSHA256()
        Self.bytes.withUnsafeBytes { one.update($0) }
        var two = one
        let before = one.digest()
        Self.bytes.withUnsafeBytes { two.update($0) }
        #expect(one.digest() == before && two.digest() != before)
    }

    @Test(arguments: [
        "", "sha256-1", "sha256-1:0:00:", "sha256-1:-1:\(String(repeating: "00", count: 32)):",
        "sha256-1:1:\(String(repeating: "00", count: 32)):", "sha256-2:0:\(String(repeating: "00", count: 32)):",
        "sha256-1:64:\(String(repeating: "0g", count: 32)):",
        "sha256-1:9223372036854775807:\(String(repeating: "00", count: 32)):",
        "sha256-1:0:\(String(repeating: "00", count: 32)):00",
    ])
    func whatIsNoStateIsRefused(_ text: String) { #expect(ResumableSHA256(state: text) == nil) }
}
