/// Words that the service, its pages and people write with other cases, blanks, hyphens and underscores.
public enum Spelling {
    /// A word without these differences: `PG-13`, `pg_13` and `Pg 13` are one.
    public static func plain(_ word: String) -> String {
        word.lowercased().filter { !$0.isWhitespace && $0 != "-" && $0 != "_" }
    }
}
