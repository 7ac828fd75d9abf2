/// A tensor's entry in the exact form that common writers give it: `{"dtype":"F16","shape":[8,32],"data_offsets":[0,512]}`,
/// with single spaces allowed. Read without the general JSON reader, several times faster; whatever looks different is
/// left to that one, also what is wrong.
struct PlainEntry {
    let shape: [UInt64]
    let begin: UInt64
    let end: UInt64
    /// Bytes of the entry.
    let length: Int

    /// - Parameter isKnown: whether the type's word is the expected one.
    init?(
        _ json: UnsafeBufferPointer<UInt8>, at start: Int, isKnown: (Slice<UnsafeBufferPointer<UInt8>>) -> Bool
    ) {
        var reader = Reader(json: json, offset: start)
        guard reader.take("{\"dtype\":"), reader.take("\""), let word = reader.word(), isKnown(word),
            reader.take("\"shape\":"), let shape = reader.numbers(), shape.count <= SafetensorsLimits.rank,
            reader.take(","), reader.take("\"data_offsets\":"), let offsets = reader.numbers(), offsets.count == 2,
            reader.take("}")
        else { return nil }
        self.shape = shape
        (begin, end) = (offsets[0], offsets[1])
        length = reader.offset - start
    }

    private struct Reader {
        let json: UnsafeBufferPointer<UInt8>
        var offset: Int

        /// Takes a text, and one space before it.
        mutating func take(_ text: StaticString) -> Bool {
            if offset < json.count, json[offset] == 0x20 { offset += 1 }
            let count = text.utf8CodeUnitCount
            guard json.count - offset >= count else { return false }
            for index in 0..<count where json[offset + index] != text.utf8Start[index] { return false }
            offset += count
            return true
        }

        /// The rest of a text up to its closing quote, and the comma after it.
        mutating func word() -> Slice<UnsafeBufferPointer<UInt8>>? {
            let start = offset
            while offset < json.count, offset - start < 32, json[offset] != UInt8(ascii: "\"") {
                guard json[offset] != UInt8(ascii: "\\") else { return nil }
                offset += 1
            }
            let word = json[start..<offset]
            return take("\",") ? word : nil
        }

        /// A list of whole numbers of at most eighteen digits.
        mutating func numbers() -> [UInt64]? {
            guard take("[") else { return nil }
            if take("]") { return [] }
            var numbers: [UInt64] = []
            while numbers.count <= SafetensorsLimits.rank, let number = number() {
                numbers.append(number)
                if take("]") { return numbers }
                guard take(",") else { return nil }
            }
            return nil
        }

        private mutating func number() -> UInt64? {
            if offset < json.count, json[offset] == 0x20 { offset += 1 }
            let start = offset
            var value: UInt64 = 0
            while offset < json.count, (0x30...0x39).contains(json[offset]) {
                guard offset - start < 18 else { return nil }
                value = value * 10 + UInt64(json[offset] - 0x30)
                offset += 1
            }
            let count = offset - start
            return count == 0 || count > 1 && json[start] == 0x30 ? nil : value
        }
    }
}
