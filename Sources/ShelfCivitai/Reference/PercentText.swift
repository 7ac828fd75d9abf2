internal import ShelfBase

/// Texts of addresses and of `Content-Disposition`, where bytes are written as `%41` (RFC 3986, 2.1).
enum PercentText {
    /// Percent sequences resolved; what is not one stays as it is.
    /// - Parameter plusIsBlank: `+` stands for a blank, as in the queries of signed addresses.
    static func decoded(_ text: Substring, plusIsBlank: Bool = false) -> String {
        String(decoding: bytes(text, plusIsBlank: plusIsBlank), as: UTF8.self)
    }

    /// The same for texts that may be in another encoding.
    static func bytes(_ text: Substring, plusIsBlank: Bool = false) -> [UInt8] {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let byte = Hex.decode(String(decoding: bytes[index + 1...index + 2], as: UTF8.self))?.first
            {
                result.append(byte)
                index += 3
            } else {
                result.append(plusIsBlank && bytes[index] == UInt8(ascii: "+") ? 0x20 : bytes[index])
                index += 1
            }
        }
        return result
    }
}
