public import ShelfBase

/// A JSON document whose numbers keep the text that they were written with, and whose objects keep their order.
///
/// A sidecar belongs to several programs: what the others wrote must come out as it went in, `1.0` as `1.0` and a number
/// of thirty digits with all of them. Also kept is what Python's `json` writes beyond the standard: `NaN`, the
/// infinities, and strings with half of a surrogate pair.
public enum ExactJSON: Sendable, Equatable {
    /// A number, `true`, `false`, `null`, or a string that UTF-8 cannot hold, as it stands in the document.
    case verbatim([UInt8])
    /// A string as UTF-8, escapes resolved. Bytes, because two Swift strings of different normal forms are equal.
    case string([UInt8])
    case array([ExactJSON])
    case object(ExactObject)

    public static let null = ExactJSON.verbatim(Array("null".utf8))

    public init(_ text: String) { self = .string(Array(text.utf8)) }

    public init(_ number: Int64) { self = .verbatim(Array(String(number).utf8)) }

    public init(_ flag: Bool) { self = .verbatim(Array((flag ? "true" : "false").utf8)) }

    public init(_ value: JSONValue) {
        switch value {
        case .null: self = .null
        case .bool(let flag): self.init(flag)
        case .int(let number): self.init(number)
        case .double(let number): self = .verbatim(Array((number.isFinite ? String(number) : "null").utf8))
        case .string(let text): self.init(text)
        case .array(let items): self = .array(items.map { ExactJSON($0) })
        case .object(let object): self = .object(ExactObject(object))
        }
    }

    public var isNull: Bool { self == .null }

    public var string: String? {
        if case .string(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
    }

    public var object: ExactObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// The same as a plain value; nil for what that cannot hold, such as `NaN` or too deep a nesting.
    public var plain: JSONValue? { try? JSONValue.parse(bytes()) }
}

/// The members of an object in their order; keys are UTF-8 bytes and each stands once.
public struct ExactObject: Sendable, Equatable {
    public private(set) var members: [Member]

    public struct Member: Sendable, Equatable {
        public let key: [UInt8]
        public var value: ExactJSON

        public init(key: [UInt8], value: ExactJSON) {
            self.key = key
            self.value = value
        }
    }

    public init() { members = [] }

    public init(_ object: JSONObject) {
        members = object.members.map { Member(key: Array($0.key.utf8), value: ExactJSON($0.value)) }
    }

    /// Members as a document gave them: a key that is repeated keeps its first place and its last value.
    init(reading list: [Member]) {
        var places: [[UInt8]: Int] = [:]
        members = []
        for member in list {
            if let place = places[member.key] {
                members[place].value = member.value
            } else {
                places[member.key] = members.count
                members.append(member)
            }
        }
    }

    public var isEmpty: Bool { members.isEmpty }

    public subscript(key: [UInt8]) -> ExactJSON? {
        get { members.first { $0.key == key }?.value }
        set {
            switch (members.firstIndex { $0.key == key }, newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    public subscript(key: String) -> ExactJSON? {
        get { self[Array(key.utf8)] }
        set { self[Array(key.utf8)] = newValue }
    }
}
