internal import Glibc

/// `errno` values and their texts, so that no other file of the package deals with the C names.
enum SystemErrorText {
    static let noEntry = ENOENT
    static let notDirectory = ENOTDIR
    static let noSpace = ENOSPC
    static let quota = EDQUOT
    static let accessDenied = EACCES
    static let notPermitted = EPERM

    static func text(_ number: Int32) -> String {
        // Since glibc 2.32 the text lives in thread-local storage, so this is safe from any thread.
        guard let text = strerror(number) else { return "error \(number)" }
        return String(cString: text)
    }
}
