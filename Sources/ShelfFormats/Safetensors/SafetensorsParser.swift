internal import ShelfBase

/// Walks a safetensors header's JSON once, without a tree, so that memory grows with what is kept and not with what is
/// written.
struct SafetensorsParser {
    private(set) var tensors: [Tensor] = []
    private(set) var metadata: [(key: String, value: String)] = []
    private(set) var hasUnknownFields = false
    private(set) var nonconformingMetadata = false
    private(set) var problems: [ShelfError] = []
    private(set) var notes: [String] = []

    private var names: Set<ByteKey> = []
    private var sawMetadata = false
    private var metadataLength = 0
    private var lastType: (word: [UInt8], type: TensorType)?
    /// Why the walk stopped, when it was not the JSON's fault: the cursor's errors cannot carry it.
    private var refusal: ShelfError?

    private static let metadataName = Array("__metadata__".utf8)

    private let tensorLimit: Int

    init(tensorLimit: Int = SafetensorsLimits.tensorCount) {
        self.tensorLimit = tensorLimit
    }

    mutating func parse(_ json: UnsafeBufferPointer<UInt8>) throws(ShelfError) {
        // An entry with a usual name has over a hundred bytes.
        let estimate = min(json.count / 100, tensorLimit)
        tensors.reserveCapacity(estimate)
        names.reserveCapacity(estimate)
        do throws(JSONError) {
            var cursor = JSONCursor(json, maximumDepth: SafetensorsLimits.depth)
            try cursor.readObject { (name, cursor) throws(JSONError) in
                if name == SafetensorsParser.metadataName {
                    try readMetadata(&cursor, json)
                } else {
                    try readTensor(name, &cursor, json)
                }
            }
            try cursor.expectEnd()
        } catch {
            throw refusal ?? SafetensorsParser.translate(error)
        }
    }

    private static func translate(_ error: JSONError) -> ShelfError {
        switch error.reason {
        case .tooDeep: ShelfError(.tooLarge, "the header is nested deeper than \(SafetensorsLimits.depth) levels")
        case .tooLong:
            ShelfError(.tooLarge, "the header has over \(SafetensorsLimits.metadataLength) bytes of metadata")
        default:
            ShelfError(.corruptFile, "the header is not valid JSON: \(error.reason.rawValue) at byte \(error.offset)")
        }
    }

    private mutating func refuse(_ code: ErrorCode, _ message: String, at offset: Int) -> JSONError {
        refusal = ShelfError(code, message)
        return JSONError(.wrongType, at: offset)
    }

    // MARK: Tensors

    private mutating func readTensor(
        _ name: [UInt8], _ cursor: inout JSONCursor, _ json: UnsafeBufferPointer<UInt8>
    ) throws(JSONError) {
        guard tensors.count < tensorLimit else {
            throw refuse(.tooLarge, "more than \(tensorLimit) tensors", at: cursor.offset)
        }
        guard name.count <= SafetensorsLimits.nameLength else {
            throw refuse(
                .tooLarge,
                "a tensor's name is longer than \(SafetensorsLimits.nameLength) bytes: \(SafetensorsLayout.quoted(name))",
                at: cursor.offset)
        }
        guard names.insert(ByteKey(name)).inserted else {
            throw refuse(
                .corruptFile, "tensor \(SafetensorsLayout.quoted(name)) stands twice in the header", at: cursor.offset)
        }
        if name.isEmpty { notes.append("a tensor has an empty name") }
        if let entry = PlainEntry(json, at: cursor.offset, isKnown: { lastType?.word.elementsEqual($0) ?? false }) {
            // The type's word is the last one's, which is how nearly every file goes on.
            if let type = lastType?.type {
                cursor.advance(by: entry.length)
                tensors.append(
                    Tensor(name: name, type: type, shape: entry.shape, begin: entry.begin, end: entry.end))
                return
            }
        }
        var entry = Entry()
        let start = cursor.offset
        guard try cursor.peek() == UInt8(ascii: "{") else {
            throw refuse(.corruptFile, "the entry of tensor \(SafetensorsLayout.quoted(name)) is no object", at: start)
        }
        try cursor.readObject { (field, cursor) throws(JSONError) in
            try readField(field, of: name, into: &entry, &cursor)
        }
        guard let type = entry.type, let shape = entry.shape, let begin = entry.begin, let end = entry.end else {
            throw refuse(
                .corruptFile,
                "the entry of tensor \(SafetensorsLayout.quoted(name)) lacks dtype, shape or data_offsets", at: start)
        }
        tensors.append(Tensor(name: name, type: type, shape: shape, begin: begin, end: end))
    }

    private struct Entry {
        var type: TensorType?
        var shape: [UInt64]?
        var begin: UInt64?
        var end: UInt64?
    }

    private mutating func readField(
        _ field: [UInt8], of name: [UInt8], into entry: inout Entry, _ cursor: inout JSONCursor
    ) throws(JSONError) {
        switch field.count {
        case 5 where field.elementsEqual("dtype".utf8):
            guard entry.type == nil else { throw repeated("dtype", name, cursor) }
            guard try cursor.peek() == UInt8(ascii: "\"") else { throw wrongType("dtype", "a text", name, cursor) }
            entry.type = type(of: try cursor.readStringBytes(maximum: SafetensorsLimits.nameLength), name)
        case 5 where field.elementsEqual("shape".utf8):
            guard entry.shape == nil else { throw repeated("shape", name, cursor) }
            entry.shape = try readNumbers("shape", maximum: SafetensorsLimits.rank, name, &cursor)
        case 12 where field.elementsEqual("data_offsets".utf8):
            guard entry.begin == nil else { throw repeated("data_offsets", name, cursor) }
            let offsets = try readNumbers("data_offsets", maximum: 2, name, &cursor)
            guard offsets.count == 2 else {
                throw refuse(
                    .corruptFile, "data_offsets of tensor \(SafetensorsLayout.quoted(name)) are not two numbers",
                    at: cursor.offset)
            }
            (entry.begin, entry.end) = (offsets[0], offsets[1])
        default:
            hasUnknownFields = true
            try cursor.skipValue(depth: 2)
        }
    }

    private mutating func type(of word: [UInt8], _ name: [UInt8]) -> TensorType {
        if let lastType, lastType.word == word { return lastType.type }
        let type = TensorType(name: String(decoding: word, as: UTF8.self))
        // One remark for each stretch of tensors would still be a million in a hostile file.
        if case .unknown = type, problems.count < 8 {
            problems.append(
                ShelfError(
                    .unsupportedFormat,
                    "tensor \(SafetensorsLayout.quoted(name)) has the unknown type \(SafetensorsLayout.quoted(word))"))
        }
        lastType = (word, type)
        return type
    }

    private mutating func readNumbers(
        _ field: String, maximum: Int, _ name: [UInt8], _ cursor: inout JSONCursor
    ) throws(JSONError) -> [UInt64] {
        guard try cursor.peek() == UInt8(ascii: "[") else { throw wrongType(field, "a list", name, cursor) }
        var numbers: [UInt64] = []
        try cursor.readArray { (cursor) throws(JSONError) in
            guard numbers.count < maximum else {
                let isShape = field == "shape"
                throw refuse(
                    isShape ? .tooLarge : .corruptFile,
                    "\(field) of tensor \(SafetensorsLayout.quoted(name)) has more than \(maximum) numbers",
                    at: cursor.offset)
            }
            do throws(JSONError) {
                numbers.append(try cursor.readUnsigned())
            } catch {
                guard error.reason == .wrongType || error.reason == .overflow else { throw error }
                throw refuse(
                    .corruptFile,
                    "\(field) of tensor \(SafetensorsLayout.quoted(name)) is not made of whole numbers from 0 to 2^64-1",
                    at: error.offset)
            }
        }
        return numbers
    }

    private mutating func repeated(_ field: String, _ name: [UInt8], _ cursor: JSONCursor) -> JSONError {
        refuse(.corruptFile, "\(field) of tensor \(SafetensorsLayout.quoted(name)) stands twice", at: cursor.offset)
    }

    private mutating func wrongType(
        _ field: String, _ wanted: String, _ name: [UInt8], _ cursor: JSONCursor
    ) -> JSONError {
        refuse(.corruptFile, "\(field) of tensor \(SafetensorsLayout.quoted(name)) is not \(wanted)", at: cursor.offset)
    }

    // MARK: Metadata

    private mutating func readMetadata(
        _ cursor: inout JSONCursor, _ json: UnsafeBufferPointer<UInt8>
    ) throws(JSONError) {
        guard !sawMetadata else { throw refuse(.corruptFile, "__metadata__ stands twice", at: cursor.offset) }
        sawMetadata = true
        switch try cursor.peek() {
        case UInt8(ascii: "n"): try cursor.readLiteral("null")
        case UInt8(ascii: "{"):
            var keys: Set<ByteKey> = []
            try cursor.readObject { (key, cursor) throws(JSONError) in
                guard keys.insert(ByteKey(key)).inserted else {
                    throw refuse(
                        .corruptFile, "the metadata key \(SafetensorsLayout.quoted(key)) stands twice",
                        at: cursor.offset)
                }
                try readMetadataValue(key, &cursor, json)
            }
        default:
            try cursor.skipValue(depth: 1)
            remarkMetadata("__metadata__ is no object")
        }
    }

    private mutating func readMetadataValue(
        _ key: [UInt8], _ cursor: inout JSONCursor, _ json: UnsafeBufferPointer<UInt8>
    ) throws(JSONError) {
        let value: [UInt8]
        let room = SafetensorsLimits.metadataLength - metadataLength - key.count
        guard room >= 0 else { throw JSONError(.tooLong, at: cursor.offset) }
        if try cursor.peek() == UInt8(ascii: "\"") {
            value = try cursor.readStringBytes(maximum: room)
        } else {
            // Some programs write numbers or objects. The reference reader refuses the file; its weights are fine.
            let start = cursor.offset
            try cursor.skipValue(depth: 2)
            value = Array(json[start..<cursor.offset])
            remarkMetadata("the metadata value of \(SafetensorsLayout.quoted(key)) is not a text")
        }
        guard value.count <= room else { throw JSONError(.tooLong, at: cursor.offset) }
        metadataLength += key.count + value.count
        metadata.append((String(decoding: key, as: UTF8.self), String(decoding: value, as: UTF8.self)))
    }

    private mutating func remarkMetadata(_ message: String) {
        if !nonconformingMetadata {
            problems.append(
                ShelfError(.corruptFile, message, hint: "strict readers refuse the file; save it again to repair it"))
        }
        nonconformingMetadata = true
    }
}
