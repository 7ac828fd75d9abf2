/// Rewrites module names so that those of equal blocks become equal.
struct ModuleNames {
    private(set) var text: [UInt8] = []
    private(set) var numbers: [Int] = []
    private(set) var hash: UInt64 = 0

    /// Words after which a number is that of a block, besides plurals.
    private static let singular = [Array("refiner".utf8)]
    /// Numbers kept of one name.
    private static let limit = 6

    /// Takes a module's name without its target's prefix.
    mutating func read(_ name: ArraySlice<UInt8>) {
        text.removeAll(keepingCapacity: true)
        numbers.removeAll(keepingCapacity: true)
        var fnv = FowlerNollVo()
        var wordStart = 0
        var afterBlock = false
        var index = name.startIndex
        while index <= name.endIndex {
            let isEnd = index == name.endIndex
            let byte = isEnd ? UInt8(ascii: "_") : name[index]
            index += 1
            guard byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") else {
                text.append(byte)
                continue
            }
            let word = text[wordStart...]
            if afterBlock, numbers.count < ModuleNames.limit, let number = wholeNumber(word) {
                text.removeSubrange(wordStart...)
                text.append(UInt8(ascii: "N"))
                numbers.append(number)
            } else {
                afterBlock = word.last == UInt8(ascii: "s") || ModuleNames.singular.contains { word.elementsEqual($0) }
            }
            if !isEnd { text.append(UInt8(ascii: "_")) }
            wordStart = text.count
        }
        for byte in text { fnv.add(byte) }
        hash = fnv.value
    }

    private func wholeNumber(_ word: ArraySlice<UInt8>) -> Int? {
        guard !word.isEmpty, word.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Digits.leading(word)
    }
}
