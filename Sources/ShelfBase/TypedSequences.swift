/// `compactMap` and `filter` for closures with a typed error, which the standard library's do not keep.
extension Sequence {
    public func compacted<Kept, Failure: Error>(
        _ transform: (Element) throws(Failure) -> Kept?
    ) throws(Failure) -> [Kept] {
        var kept: [Kept] = []
        for element in self { if let value = try transform(element) { kept.append(value) } }
        return kept
    }

    public func selected<Failure: Error>(
        _ isWanted: (Element) throws(Failure) -> Bool
    ) throws(Failure) -> [Element] {
        var selected: [Element] = []
        for element in self where try isWanted(element) { selected.append(element) }
        return selected
    }
}
