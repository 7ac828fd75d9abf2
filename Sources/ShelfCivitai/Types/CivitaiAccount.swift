public import ShelfBase

/// Whose API key it is.
public struct CivitaiAccount: Sendable, Equatable {
    public let id: Int64
    public let username: String?
    /// `free`, `founder`, `bronze`, …; the list is open.
    public let tier: String?
    /// `active`, `muted`, `banned`
    public let status: String?
    /// What the service sent. It may hold an e-mail address.
    public let raw: JSONValue

    init?(_ json: JSONValue) {
        let fields = Fields(json: json)
        guard let id = fields.id("id") else { return nil }
        self.id = id
        username = fields.name("username")
        tier = fields.name("tier")
        status = fields.name("status")
        raw = json
    }
}
