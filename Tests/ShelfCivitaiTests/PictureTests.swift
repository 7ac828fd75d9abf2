import ShelfBase
import Testing

@testable import ShelfCivitai

struct PictureTests {
    @Test func kindsByTheirBytes() {
        func kind(_ text: String) -> PictureKind? { PictureKind.sniff(Array(text.utf8)) }
        #expect(PictureKind.sniff([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0]) == .png)
        #expect(PictureKind.sniff([0xff, 0xd8, 0xff, 0xe1]) == .jpeg)
        #expect(kind("RIFF1234WEBPVP8 ") == .webp && kind("RIFF1234AVI ") == nil)
        #expect(kind("GIF89a") == .gif && kind("GIF88a") == nil)
        #expect(kind("\0\0\0\u{20}ftypmif1\0\0\0\0mif1avif") == .avif)
        #expect(kind("\0\0\0\u{20}ftypisom\0\0\0\0isommp42") == .mp4)
        #expect(PictureKind.sniff([0x1a, 0x45, 0xdf, 0xa3]) == .webm)
        #expect(kind("<!DOCTYPE html>") == nil && kind("") == nil && kind("ftyp") == nil)
    }

    @Test func addressesOfOtherSizes() throws {
        let place = "https://image.civitai.com/xG1nkqKTMzGDvpLrqFT7WA/8f6f2e3a-1111-4222-8333-444455556666"
        for form in ["\(place)/original=true/123.jpeg", "\(place)/width=96,blur=2/123.jpeg"] {
            let url = try #require(HTTPURL(form))
            let edge = try #require(EdgeAddress(url))
            #expect(edge.picture(width: 400).text == "\(place)/width=450,optimized=true/123.jpeg")
            #expect(
                edge.still(width: 450).text
                    == "\(place)/anim=false,transcode=true,width=450,optimized=true/123.jpeg")
            #expect(edge.original.text == "\(place)/original=true/123.jpeg")
        }
        for form in ["https://image.civitai.com/a/b.jpeg", "https://elsewhere.example/x/y/z.png"] {
            let url = try #require(HTTPURL(form))
            #expect(EdgeAddress(url) == nil)
        }
    }

    @Test func widthsAreThoseThatAreKept() {
        #expect([0, 96, 97, 450, 451, 2200, 5000].map(EdgeAddress.kept) == [96, 96, 320, 450, 512, 2200, 2200])
    }

    @Test func levels() throws {
        #expect(PreviewPolicy(maximum: "PG-13") == .standard && PreviewPolicy(maximum: "adult") == nil)
        let r = try #require(PreviewPolicy(maximum: "r"))
        #expect([1, 2, 4].allSatisfy { r.allows($0) })
        #expect(![0, 8, 16, 32, 36, 5 | 8].contains { r.allows($0) } && !r.allows(nil))
        let all = try #require(PreviewPolicy(maximum: "xxx"))
        #expect(all.allows(16) && !all.allows(32) && !all.allows(0))
    }

    @Test func oldWordsAndBits() throws {
        let images = try ["\"None\"", "\"Soft\"", "\"Mature\"", "\"X\"", "2", "null"].map { level -> CivitaiImage in
            let value = try json("{\"url\":\"https://x.example/a\",\"nsfwLevel\":\(level)}")
            return try #require(CivitaiImage(value))
        }
        #expect(PreviewPolicy.standard.choose(images).map(\.nsfwLevel) == [1, 2, 2])
    }
}
