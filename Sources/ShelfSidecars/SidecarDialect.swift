public import ShelfBase

/// One way to write a model's metadata beside it. A dialect is one file in `Dialects` and one line in ``all``.
public protocol SidecarDialect: Sendable {
    /// The word of `--sidecars` and `--format`.
    var name: String { get }
    /// What is added to the model's name.
    var suffix: String { get }
    /// Our keys and their values, in order; a key without a value is left out.
    func fields(_ facts: SidecarFacts) -> ExactObject
    /// What people see, in this dialect's keys.
    func said(_ field: SidecarField, in document: ExactObject) -> ExactJSON?
    /// Writes such a value.
    func say(_ field: SidecarField, _ value: ExactJSON, in document: inout ExactObject)
    /// What makes the file known; nil when the document has nothing of the kind.
    func note(in document: ExactObject) -> SidecarNote?
    /// Last touches to a document that is about to be written.
    func stamp(_ document: inout ExactObject, milliseconds: Int64)
}

/// The dialects that there are.
public enum SidecarDialects {
    public static let server = ServerDialect()
    public static let all: [any SidecarDialect] = [server]

    public static func named(_ name: String) throws(ShelfError) -> any SidecarDialect {
        guard let dialect = all.first(where: { $0.name == name.lowercased() }) else {
            throw ShelfError(
                .usage, "unknown sidecar format: \(name)", hint: "one of: \(all.map(\.name).joined(separator: " "))")
        }
        return dialect
    }
}
