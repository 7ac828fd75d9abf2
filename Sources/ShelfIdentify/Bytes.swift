/// Searching in names, which are bytes.
enum Bytes {
    /// Whether `text` stands anywhere in `bytes`.
    static func contains(_ bytes: some Collection<UInt8>, _ text: String) -> Bool {
        var text = text
        return text.withUTF8 { wanted in
            let found = bytes.withContiguousStorageIfAvailable { position(of: wanted, in: $0) != nil }
            return found ?? Array(bytes).withUnsafeBufferPointer { position(of: wanted, in: $0) != nil }
        }
    }

    static func position(of wanted: UnsafeBufferPointer<UInt8>, in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let first = wanted.first else { return 0 }
        guard bytes.count >= wanted.count else { return nil }
        var index = 0
        while index <= bytes.count - wanted.count {
            if bytes[index] == first {
                var length = 1
                while length < wanted.count, bytes[index + length] == wanted[length] { length += 1 }
                if length == wanted.count { return index }
            }
            index += 1
        }
        return nil
    }

    static func hasPrefix(_ bytes: [UInt8], _ prefix: [UInt8]) -> Bool {
        guard bytes.count >= prefix.count else { return false }
        return bytes.withUnsafeBufferPointer { bytes in
            prefix.withUnsafeBufferPointer { prefix in
                // The ends of names differ more often than their starts.
                var index = prefix.count
                while index > 0, bytes[index - 1] == prefix[index - 1] { index -= 1 }
                return index == 0
            }
        }
    }

    static func hasSuffix(_ bytes: [UInt8], _ suffix: [UInt8]) -> Bool {
        guard bytes.count >= suffix.count else { return false }
        return bytes.withUnsafeBufferPointer { bytes in
            suffix.withUnsafeBufferPointer { suffix in
                let start = bytes.count - suffix.count
                for index in 0..<suffix.count where bytes[start + index] != suffix[index] { return false }
                return true
            }
        }
    }
}
