/// Compares module names as if the numbers of their blocks were the same: each becomes an `N`, and `.` becomes `_`.
struct ModuleNames {
    /// The numbers that became an `N`, in their order.
    private(set) var numbers: [Int] = []
    /// Of the rewritten name.
    private(set) var hash: UInt64 = 0
    private var ranges: [Range<Int>] = []

    /// The word after which a number is that of a block although it is no plural.
    private static let singular = Array("refiner".utf8)
    /// Numbers kept of one name.
    private static let limit = 6

    /// Takes a module's name without its target's prefix. One walk without a copy: it is done for every tensor.
    mutating func read(_ name: UnsafeBufferPointer<UInt8>) {
        numbers.removeAll(keepingCapacity: true)
        ranges.removeAll(keepingCapacity: true)
        var fnv = FowlerNollVo()
        var fnvAtWord = fnv
        var wordStart = 0
        var isNumber = true
        var value = 0
        var afterBlock = false
        for index in 0...name.count {
            let byte = index < name.count ? name[index] : UInt8(ascii: "_")
            guard byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") else {
                fnv.add(byte)
                if isNumber, (0x30...0x39).contains(byte), index - wordStart < 6 {
                    value = value * 10 + Int(byte - 0x30)
                } else {
                    isNumber = false
                }
                continue
            }
            if afterBlock, isNumber, index > wordStart, numbers.count < ModuleNames.limit {
                fnv = fnvAtWord
                fnv.add(UInt8(ascii: "N"))
                numbers.append(value)
                ranges.append(wordStart..<index)
            } else {
                afterBlock = ModuleNames.announcesNumber(name, wordStart..<index)
            }
            fnv.add(UInt8(ascii: "_"))
            fnvAtWord = fnv
            wordStart = index + 1
            isNumber = true
            value = 0
        }
        hash = fnv.value
    }

    /// The rewritten form of the name that was read last.
    func text(_ name: UnsafeBufferPointer<UInt8>) -> String {
        var text: [UInt8] = []
        var position = 0
        for range in ranges {
            text += name[position..<range.lowerBound]
            text.append(UInt8(ascii: "N"))
            position = range.upperBound
        }
        text += name[position...]
        return String(decoding: text.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
    }

    private static func announcesNumber(_ name: UnsafeBufferPointer<UInt8>, _ word: Range<Int>) -> Bool {
        guard let last = word.last else { return false }
        if name[last] == UInt8(ascii: "s") { return true }
        return name[last] == UInt8(ascii: "r") && name[word].elementsEqual(singular)
    }
}
