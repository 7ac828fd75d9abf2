import ShelfSidecars
import Testing

private func object(_ text: String) throws -> ExactObject {
    try #require(try ExactJSON.parse(Array(text.utf8)).object)
}

/// What may have happened to one key between our last writing and now, and what becomes of it.
struct MergeCase: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let base: String
    let theirs: String
    let ours: String
    let document: String
    let newBase: String
    var foreign = "{}"
}

@Suite struct MergeTests {
    @Test(arguments: [
        MergeCase(
            testDescription: "a new sidecar", base: "{}", theirs: "{}", ours: #"{"a": 1}"#, document: #"{"a": 1}"#,
            newBase: #"{"a": 1}"#),
        MergeCase(
            testDescription: "nobody changed anything", base: #"{"a": 1}"#, theirs: #"{"a": 1}"#, ours: #"{"a": 1}"#,
            document: #"{"a": 1}"#, newBase: #"{"a": 1}"#),
        MergeCase(
            testDescription: "we know better now", base: #"{"a": 1}"#, theirs: #"{"a": 1}"#, ours: #"{"a": 2}"#,
            document: #"{"a": 2}"#, newBase: #"{"a": 2}"#),
        MergeCase(
            testDescription: "they changed it", base: #"{"a": 1}"#, theirs: #"{"a": 9}"#, ours: #"{"a": 1}"#,
            document: #"{"a": 9}"#, newBase: "{}", foreign: #"{"a": 9}"#),
        MergeCase(
            testDescription: "both changed it", base: #"{"a": 1}"#, theirs: #"{"a": 9}"#, ours: #"{"a": 2}"#,
            document: #"{"a": 9}"#, newBase: "{}", foreign: #"{"a": 9}"#),
        MergeCase(
            testDescription: "both changed it alike", base: #"{"a": 1}"#, theirs: #"{"a": 2}"#, ours: #"{"a": 2}"#,
            document: #"{"a": 2}"#, newBase: #"{"a": 2}"#),
        MergeCase(
            testDescription: "they changed it earlier, and we know better", base: "{}", theirs: #"{"a": 9}"#,
            ours: #"{"a": 3}"#, document: #"{"a": 9}"#, newBase: "{}", foreign: #"{"a": 9}"#),
        MergeCase(
            testDescription: "they removed it", base: #"{"a": 1}"#, theirs: "{}", ours: #"{"a": 1}"#, document: "{}",
            newBase: #"{"a": 1}"#),
        MergeCase(
            testDescription: "they removed it earlier, and we know better", base: #"{"a": 1}"#, theirs: "{}",
            ours: #"{"a": 2}"#, document: "{}", newBase: #"{"a": 1}"#),
        MergeCase(
            testDescription: "they cleared it", base: #"{"a": 1}"#, theirs: #"{"a": null}"#, ours: #"{"a": 1}"#,
            document: #"{"a": null}"#, newBase: #"{"a": 1}"#, foreign: #"{"a": null}"#),
        MergeCase(
            testDescription: "they have a place for it", base: "{}", theirs: #"{"a": null}"#, ours: #"{"a": 1}"#,
            document: #"{"a": 1}"#, newBase: #"{"a": 1}"#),
        MergeCase(
            testDescription: "we take it back", base: #"{"a": 1}"#, theirs: #"{"a": 1}"#, ours: "{}", document: "{}",
            newBase: "{}"),
        MergeCase(
            testDescription: "we take it back and they changed it", base: #"{"a": 1}"#, theirs: #"{"a": 9}"#,
            ours: "{}", document: #"{"a": 9}"#, newBase: "{}", foreign: #"{"a": 9}"#),
        MergeCase(
            testDescription: "both took it away", base: #"{"a": 1}"#, theirs: "{}", ours: "{}", document: "{}",
            newBase: "{}"),
        MergeCase(
            testDescription: "keys of others and their order stay", base: #"{"a": 1}"#,
            theirs: #"{"z": 1.0, "a": 1, "y": {"b": [1e400, NaN]}}"#, ours: #"{"c": 3, "a": 2}"#,
            document: #"{"z": 1.0, "a": 2, "y": {"b": [1e400, NaN]}, "c": 3}"#, newBase: #"{"c": 3, "a": 2}"#),
        MergeCase(
            testDescription: "a name in another normal form is another value", base: #"{"a": "é"}"#,
            theirs: "{\"a\": \"e\u{301}\"}", ours: #"{"a": "é"}"#, document: "{\"a\": \"e\u{301}\"}", newBase: "{}",
            foreign: "{\"a\": \"e\u{301}\"}"),
    ])
    func merges(_ row: MergeCase) throws {
        let merge = SidecarMerge(
            theirs: try object(row.theirs), base: try object(row.base), ours: try object(row.ours))
        #expect(merge.document == (try object(row.document)))
        #expect(merge.base == (try object(row.newBase)))
        #expect(merge.foreign == (try object(row.foreign)))
    }

    @Test func whatWasMergedMergesToItself() throws {
        let theirs = try object(#"{"a": 9, "b": 1, "x": [1.0]}"#)
        let ours = try object(#"{"a": 2, "b": 2, "c": 3}"#)
        let first = SidecarMerge(theirs: theirs, base: try object(#"{"a": 1, "b": 1}"#), ours: ours)
        let second = SidecarMerge(theirs: first.document, base: first.base, ours: ours)
        #expect(second.document == first.document)
        #expect(second.base == first.base)
    }
}
