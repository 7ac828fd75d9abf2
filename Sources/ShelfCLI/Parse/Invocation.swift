internal import ShelfBase

/// The options that every command takes.
struct GlobalOptions: Sendable, Equatable {
    var json = false
    var database: FilePath?
    var offline = false
    var quiet = false
    var verbose = false
}

/// What a command was called with. Words are bytes, for they may be paths.
struct Invocation: Sendable {
    var global = GlobalOptions()
    var arguments: [FilePath] = []
    /// Values by option name in the order of the line; an option without a value has an empty path for each mention.
    var options: [String: [FilePath]] = [:]

    func has(_ option: String) -> Bool { options[option] != nil }

    func values(_ option: String) -> [FilePath] { options[option] ?? [] }

    /// True or false as one of two options says; nil when neither does.
    func choice(_ yes: String, _ no: String) throws(ShelfError) -> Bool? {
        guard !has(yes) || !has(no) else { throw ShelfError(.usage, "\(yes) and \(no): choose one") }
        return has(yes) ? true : has(no) ? false : nil
    }

    /// The last value as text; nil when the option was not given.
    func text(_ option: String) throws(ShelfError) -> String? {
        guard let value = options[option]?.last else { return nil }
        return try Self.text(value, of: option)
    }

    /// The last value as a whole number of at least `minimum`.
    func number(_ option: String, minimum: Int, maximum: Int = .max) throws(ShelfError) -> Int? {
        guard let text = try text(option) else { return nil }
        guard let number = Int(text), (minimum...maximum).contains(number) else {
            let range = maximum == .max ? "of at least \(minimum)" : "from \(minimum) to \(maximum)"
            throw ShelfError(.usage, "\(option) takes a whole number \(range), not '\(SafeText.line(text))'")
        }
        return number
    }

    /// A word as text. Tags, notes and queries are texts, unlike paths.
    static func text(_ word: FilePath, of name: String) throws(ShelfError) -> String {
        guard let text = String(validating: word.bytes, as: UTF8.self) else {
            throw ShelfError(.usage, "\(name) is not UTF-8: \(word.escaped)")
        }
        return text
    }
}

/// What the line asks for.
enum Request: Sendable {
    case help(Command?)
    case version
    case run(Command, Invocation)
}

/// A line that cannot be understood, and the command it was for as far as that is known.
struct ParseFailure: Error {
    let error: ShelfError
    let command: Command?
}
