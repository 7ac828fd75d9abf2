import ShelfBase
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000Z"), (1_769_860_800_250, "2026-01-31T12:00:00.250Z"),
        (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (-2_203_891_200_000, "1900-03-01T00:00:00.000Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
    ])
    func knownTimes(milliseconds: Int64, text: String) {
        #expect(Timestamp.text(milliseconds: milliseconds) == text)
        #expect(Timestamp.milliseconds(text) == milliseconds)
    }

    @Test func everyDayOfFourCenturiesComesBack() {
        for day in stride(from: Int64(-80_000), to: 80_000, by: 7) {
            let milliseconds = day * 86_400_000 + 45_296_789
            #expect(Timestamp.milliseconds(Timestamp.text(milliseconds: milliseconds)) == milliseconds)
        }
    }

    /// A damaged database may hold any number: it is shown as the nearest time that has a text.
    @Test func numbersThatAreNoTime() {
        #expect(Timestamp.text(milliseconds: .max) == "9999-12-31T23:59:59.999Z")
        #expect(Timestamp.text(milliseconds: .min) == "0000-01-01T00:00:00.000Z")
    }

    @Test(arguments: [
        ("2025-12-18", "2025-12-18T00:00:00.000Z"), ("2025-12-18T09:16", "2025-12-18T09:16:00.000Z"),
        ("2025-12-18 09:16:12", "2025-12-18T09:16:12.000Z"), ("2025-12-18t09:16:12z", "2025-12-18T09:16:12.000Z"),
        ("2025-12-18T09:16:12.06", "2025-12-18T09:16:12.060Z"),
        ("2025-12-18T09:16:12.1234567Z", "2025-12-18T09:16:12.123Z"),
        ("2025-12-18T09:16:12+01:30", "2025-12-18T07:46:12.000Z"),
        ("2025-12-18T09:16:12-0200", "2025-12-18T11:16:12.000Z"),
        ("2025-12-18T09:16:12+02", "2025-12-18T07:16:12.000Z"), ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
        ("2025-12-31T24:00:00Z", "2026-01-01T00:00:00.000Z"), ("2024-02-29", "2024-02-29T00:00:00.000Z"),
    ])
    func oddForms(text: String, wanted: String) {
        #expect(Timestamp.milliseconds(text) == Timestamp.milliseconds(wanted))
        #expect(Timestamp.milliseconds(wanted) != nil)
    }

    @Test(arguments: [
        "", "2025", "2025-12", "2025-13-01", "2025-00-01", "2025-01-00", "2025-01-32", "2025-02-30", "2025-02-29",
        "1900-02-29", "2025-04-31", "2025-1-1", "x2025-01-01", "2025-01-01T", "2025-01-01T1", "2025-01-01T25:00",
        "2025-01-01T24:01", "2025-01-01T12:60", "2025-01-01T12:00:61", "2025-01-01T12:00:00ZZ",
        "2025-01-01T12:00:00+1", "2025-01-01T12:00:00 ", "-025-01-01", "٢٠٢٥-01-01", "2025-01-01T12:00:00+01:00x",
    ])
    func notATime(text: String) { #expect(Timestamp.milliseconds(text) == nil) }
}
