/// Rewrites module names so that those of equal blocks become equal.
struct ModuleNames {
    private(set) var text: [UInt8] = []
    private(set) var numbers: [Int] = []
    private(set) var hash: UInt64 = 0

    /// The word after which a number is that of a block although it is no plural.
    private static let singular = Array("refiner".utf8)
    /// Numbers kept of one name.
    private static let limit = 6

    /// Takes a module's name without its target's prefix.
    mutating func read(_ name: UnsafeBufferPointer<UInt8>) {
        text.removeAll(keepingCapacity: true)
        numbers.removeAll(keepingCapacity: true)
        var wordStart = 0
        var isNumber = true
        var value = 0
        var afterBlock = false
        for index in 0...name.count {
            let isEnd = index == name.count
            let byte = isEnd ? UInt8(ascii: "_") : name[index]
            guard byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") else {
                text.append(byte)
                if (0x30...0x39).contains(byte), text.count - wordStart <= 6 {
                    value = value * 10 + Int(byte - 0x30)
                } else {
                    isNumber = false
                }
                continue
            }
            if afterBlock, isNumber, text.count > wordStart, numbers.count < ModuleNames.limit {
                text.removeSubrange(wordStart...)
                text.append(UInt8(ascii: "N"))
                numbers.append(value)
            } else {
                afterBlock = endsPlural(wordStart)
            }
            if !isEnd { text.append(UInt8(ascii: "_")) }
            wordStart = text.count
            isNumber = true
            value = 0
        }
        var fnv = FowlerNollVo()
        for byte in text { fnv.add(byte) }
        hash = fnv.value
    }

    private func endsPlural(_ wordStart: Int) -> Bool {
        guard text.count > wordStart, let last = text.last else { return false }
        if last == UInt8(ascii: "s") { return true }
        return last == UInt8(ascii: "r") && text[wordStart...].elementsEqual(ModuleNames.singular)
    }
}
