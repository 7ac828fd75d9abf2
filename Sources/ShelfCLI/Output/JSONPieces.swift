internal import ShelfBase

/// One JSON document with long lists, written piece by piece: the same bytes as ``SafeText/json(_:)`` gives at once.
struct JSONPieces {
    private let write: ([UInt8]) -> Bool
    private var isOpen: Bool

    /// Begins it with `members`, of which there is at least one. `write` answers false when nobody reads any more.
    init(_ members: JSONObject, _ write: @escaping ([UInt8]) -> Bool) {
        self.write = write
        // Without the end of the line and of the object.
        isOpen = write(SafeText.json(members).dropLast("\n}\n".utf8.count))
    }

    /// Adds a list, whose items come in portions.
    mutating func list(_ name: String, _ portions: some Sequence<[JSONValue]>) {
        put(",\n  \"\(name)\": [")
        var isEmpty = true
        for items in portions where !items.isEmpty && isOpen {
            let text = SafeText.json([name: .array(items)])
            let around = ("{\n  \"\(name)\": [".utf8.count, "\n  ]\n}\n".utf8.count)
            if !isEmpty { put(",") }
            isOpen = isOpen && write(Array(text.dropFirst(around.0).dropLast(around.1)))
            isEmpty = false
        }
        put(isEmpty ? "]" : "\n  ]")
    }

    mutating func end() { put("\n}\n") }

    private mutating func put(_ text: String) { isOpen = isOpen && write(Array(text.utf8)) }
}
