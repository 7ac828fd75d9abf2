internal import ShelfBase

/// Which folder a number of the kernel stands for. A folder keeps its number when it or one above it is renamed.
struct FolderMap {
    private var paths: [Int32: FilePath] = [:]
    private var numbers: [FilePath: Int32] = [:]

    var count: Int { paths.count }

    func path(_ number: Int32) -> FilePath? { paths[number] }
    func number(_ path: FilePath) -> Int32? { numbers[path] }

    /// False when the number stands for another path already: the same folder reached by a link.
    mutating func add(_ number: Int32, _ path: FilePath, isSame: (FilePath) -> Bool) -> Bool {
        if let other = paths[number], other != path {
            if isSame(other) { return false }
            numbers[other] = nil
        }
        if let old = numbers[path], old != number { paths[old] = nil }
        paths[number] = path
        numbers[path] = number
        return true
    }

    mutating func remove(_ number: Int32) {
        guard let path = paths.removeValue(forKey: number) else { return }
        if numbers[path] == number { numbers[path] = nil }
    }

    /// Numbers of a folder and of all below it.
    func numbers(below folder: FilePath) -> [Int32] {
        numbers.compactMap { $0.key.relative(to: folder) == nil ? nil : $0.value }
    }

    mutating func rename(_ folder: FilePath, to other: FilePath) {
        for (path, number) in numbers {
            guard let below = path.relative(to: folder) else { continue }
            numbers[path] = nil
            let renamed = other.appending(below)
            if let old = numbers[renamed], old != number { paths[old] = nil }
            numbers[renamed] = number
            paths[number] = renamed
        }
    }
}
