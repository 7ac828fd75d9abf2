import ShelfBase
import Testing

@testable import ShelfCLI

struct TextTests {
    @Test(
        "Text from elsewhere cannot steer the terminal",
        arguments: [
            ("plain – 能天使 é", "plain – 能天使 é"), ("a\u{1b}[31mb", "a\\x1b[31mb"), ("a\nb\tc\r", "a\\nb\\tc\\r"),
            ("\u{9b}2J", "\\u{9b}2J"), ("a\u{202e}b\u{2066}", "a\\u{202e}b\\u{2066}"),
            ("\u{61c}\u{200f}", "\\u{61c}\\u{200f}"),
            ("\u{2028}", "\\u{2028}"), ("\u{7f}\0", "\\x7f\\x00"), ("a\r\nb", "a\\r\\nb"),
        ])
    func line(text: String, safe: String) {
        #expect(SafeText.line(text) == safe)
        #expect(SafeText.line(safe) == safe)
    }

    @Test("JSON says the same with escapes, and stays one document")
    func json() throws {
        let object: JSONObject = ["k\u{9b}": .string("a\u{202e}b\n\u{1b}\u{e0041}é\u{7f}")]
        let bytes = SafeText.json(object)
        #expect(try JSONValue.parse(bytes) == .object(object))
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || !SafeText.isHarmful($0) })
        #expect(text.contains("\\u202e") && text.contains("\\udb40\\udc41"))
    }

    @Test("Paths show the bytes that are not UTF-8")
    func path() {
        #expect(SafeText.line(FilePath(bytes: [0x61, 0xff, 0x0a])) == "a\\xff\\x0a")
        #expect(SafeText.line(FilePath("\u{61c}")) == "\\u{61c}")
    }

    @Test(
        "Columns on a terminal",
        arguments: [
            ("abc", 3), ("能天使", 6), ("e\u{301}", 1), ("👍🏽", 2), ("❤️", 2), ("한글", 4), ("ｆ", 2), ("", 0), ("…", 1),
        ])
    func width(text: String, columns: Int) {
        #expect(DisplayWidth.of(text) == columns)
    }

    @Test("Cut text ends with an ellipsis and never takes more than it may")
    func fit() {
        #expect(DisplayWidth.fit("abcdef", 6) == "abcdef")
        #expect(DisplayWidth.fit("abcdef", 5) == "abcd…")
        #expect(DisplayWidth.fit("能天使", 4) == "能…")
        #expect(DisplayWidth.fit("abc", 0) == "")
        for width in 0..<8 { #expect(DisplayWidth.of(DisplayWidth.fit("a能b天c使", width)) <= width) }
    }

    @Test("The widest column gives way, one that must stay stays")
    func table() {
        let table = Table(
            columns: [
                Table.Column(title: "A", minimum: 4), Table.Column(title: "B"), Table.Column(title: "C", minimum: 2),
            ],
            rows: [["0123456789", "0123456789", "01234"]])
        #expect(table.widths(nil) == [10, 10, 5])
        #expect(table.widths(29) == [10, 10, 5])
        #expect(table.widths(24) == [5, 10, 5])
        #expect(table.widths(1) == [4, 10, 2])
        #expect(table.lines(Layout(width: 24, color: true))[0] == "\u{1b}[1mA      B           C\u{1b}[0m")
        #expect(table.lines(Layout(width: 24))[1] == "0123…  0123456789  01234")
    }

    @Test("Text is broken between words")
    func wrapping() {
        #expect(Wrapping.lines("one two three", width: 7) == ["one two", "three"])
        #expect(Wrapping.lines("muchtoolong a", width: 4) == ["muchtoolong", "a"])
        #expect(Wrapping.lines("one two", width: nil) == ["one two"])
        #expect(Wrapping.lines("", width: 4) == [""])
    }

    @Test(
        "Bytes",
        arguments: [
            (0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (9_994, "9.99 kB"), (9_999, "10.0 kB"), (99_960, "100 kB"),
            (999_499, "999 kB"), (999_500, "1.00 MB"), (6_938_040_682, "6.94 GB"), (Int64.max, "9.22 EB"), (-5, "0 B"),
        ] as [(Int64, String)])
    func bytes(count: Int64, text: String) {
        #expect(Units.bytes(count) == text)
    }

    @Test("Times and rates")
    func times() {
        #expect(Units.duration(0.04) == "0.0 s")
        #expect(Units.duration(59.4) == "59.4 s")
        #expect(Units.duration(185) == "3:05 min")
        #expect(Units.duration(7380) == "2:03 h")
        #expect(Units.duration(.nan) == "?")
        #expect(Units.clock(8.2) == "0:08")
        #expect(Units.clock(3753) == "1:02:33")
        #expect(Units.clock(.infinity) == "-:--")
        #expect(Units.rate(0) == "0 B/s")
        #expect(Units.rate(.infinity) == "0 B/s")
        #expect(Units.rate(412_000_000) == "412 MB/s")
    }
}
