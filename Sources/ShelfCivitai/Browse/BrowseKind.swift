/// What of the catalogue can be walked through.
public enum BrowseKind: String, Sendable, CaseIterable {
    case models, images, tags, creators

    /// Items in one answer at most; the service refuses more.
    var largestPage: Int { self == .models ? 100 : 200 }

    /// Whether pages are told apart by the service's own marks; else by numbers.
    var hasCursors: Bool { self == .models || self == .images }
}
