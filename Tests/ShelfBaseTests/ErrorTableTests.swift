import ShelfBase
import Testing

/// The table of errors and its copies: the header, the Python package and the documentation say the same.
@Suite struct ErrorTableTests {
    private static func lines(_ name: String, file: String = #filePath) throws -> [String] {
        let root = file.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        let opened = try ReadableFile(FilePath("\(root)/\(name)"))
        let text = String(decoding: try opened.bytes(at: 0, count: Int(opened.size)), as: UTF8.self)
        return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// What stands between two marks of a line.
    private static func between(_ line: String, _ start: String, _ end: String) -> String? {
        guard let from = line.firstRange(of: start)?.upperBound, let to = line[from...].firstRange(of: end) else {
            return nil
        }
        return String(line[from..<to.lowerBound])
    }

    @Test func everyRowIsItsOwn() {
        let table = ErrorCode.table
        #expect(Set(table.map(\.code)).count == table.count)
        #expect(Set(table.map(\.pythonClass)).count == table.count)
        #expect(table.map(\.status) == Array(1...Int32(table.count)))
        #expect(table.allSatisfy { [1, 2, 3, 4, 5, 130].contains($0.exitStatus) && $0.meaning.hasSuffix(".") })
        for row in table { #expect(row.code.row.status == row.status) }
    }

    @Test func anUnknownCodeIsInternalAndKeepsItsWord() {
        let code = ErrorCode(rawValue: "brand_new")
        #expect(code.rawValue == "brand_new")
        #expect(code.row.status == ErrorCode.internalError.row.status)
        #expect(code.row.exitStatus == 1)
    }

    @Test func documentation() throws {
        let rows = try Self.lines("docs/errors.md").filter { $0.hasPrefix("|") }.map { line in
            line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map { cell in
                String(cell.filter { $0 != "`" }).split(separator: " ").joined(separator: " ")
            }
        }
        #expect(rows.first == ["code", "status", "Python", "exit", "meaning"])
        let wanted = ErrorCode.table.map {
            [$0.code.rawValue, String($0.status), $0.pythonClass, String($0.exitStatus), $0.meaning]
        }
        #expect(Array(rows.dropFirst(2)) == wanted)
    }

    @Test func header() throws {
        var found: [[String]] = []
        for line in try Self.lines("bridge/include/modelshelf.h").drop(while: { !$0.contains("MS_OK = 0") }).dropFirst()
        {
            guard let name = Self.between(line, "    ", " = "), name.hasPrefix("MS_") else { break }
            let number = line.drop { $0 != "=" }.filter(\.isNumber)
            found.append([name, String(number.prefix(2)), Self.between(line, "/**< ", " */") ?? ""])
        }
        let wanted = ErrorCode.table.map { row in
            row.code == .usage
                ? ["MS_INVALID", "1", "`usage`: the call is wrong."]
                : ["MS_" + row.code.rawValue.uppercased(), String(row.status), row.meaning]
        }
        #expect(found == wanted)
    }

    @Test func pythonClasses() throws {
        var found: [[String]] = []
        var name: String?
        for line in try Self.lines("python/modelshelf/errors.py") {
            if line.hasPrefix("class ") { name = Self.between(line, "class ", "(") }
            guard let known = name, known != "Error", let code = Self.between(line, "    code = \"", "\"") else {
                continue
            }
            found.append([known, code])
        }
        #expect(found == ErrorCode.table.map { [$0.pythonClass, $0.code.rawValue] })
    }
}
