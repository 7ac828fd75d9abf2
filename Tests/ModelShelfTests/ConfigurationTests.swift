import ShelfBase
import ShelfTestSupport
import Testing

@testable import ModelShelf

/// The file of settings: what it may say, and what is said about one that is wrong.
@Suite struct ConfigurationTests {
    private func parse(_ text: String) throws(ShelfError) -> Configuration {
        try Configuration.parse(Array(text.utf8), path: FilePath("/home/config.toml"), home: FilePath("/home/me"))
    }

    private func problem(_ text: String) -> String {
        do throws(ShelfError) {
            _ = try parse(text)
            return "none"
        } catch {
            #expect(error.code == .usage && error.path == FilePath("/home/config.toml"))
            return error.message + (error.hint.map { " | \($0)" } ?? "")
        }
    }

    @Test func everySetting() throws {
        let configuration = try parse(
            """
            \u{feff}# a comment
            jobs = 1_0   # at once
            "lookup" = true
            previews=false
            max_level = 'r'
            sidecars = "server"
            metadata_dir = '~/cards'
            exclude = [ # of several lines
              "*.bak", 'C:\\x',\r
              "\\u00e4\\t",
            ]

            [[roots]]
            path = "~"
            type = "lora"
            default = true
            [ download ]
            connections = 4
            [previews]
            width = 800
            [watch]
            poll = 30
            verify = false
            [[roots]]
            path = "/mnt/models/"
            lookup = false
            exclude = []
            sidecars = []
            jobs = 1
            [[roots]]
            path = "beside/x"
            """)
        let defaults = configuration.defaults
        #expect(defaults.jobs == 10 && defaults.lookup == true && defaults.previews == false)
        #expect(defaults.maximumLevel == "r" && defaults.sidecars == ["server"])
        #expect(defaults.metadataFolder == FilePath("/home/me/cards"))
        #expect(defaults.exclude == ["*.bak", "C:\\x", "ä\t"])
        #expect(configuration.roots.map(\.path.display) == ["/home/me", "/mnt/models", "/home/beside/x"])
        #expect(configuration.roots[0].settings.type == "LORA" && configuration.roots[0].settings.isDefault == true)
        #expect(configuration.roots[0].settings.lookup == nil)
        let second = configuration.roots[1].settings
        #expect(second.lookup == false && second.exclude == [] && second.sidecars == [] && second.jobs == 1)
        #expect(configuration.connections == 4 && configuration.previewWidth == 800)
        #expect(configuration.pollMilliseconds == 30_000 && configuration.verifiesAdopted == false)
        #expect(try parse("").roots.isEmpty)
    }

    @Test(
        arguments: [
            ("\nlookpu = false", "line 2: there is no setting 'lookpu' before the first table | did you mean 'lookup'?"),
            ("[[root]]\npath = 'x'", "line 1: there is no table 'root' | did you mean 'roots'?"),
            ("[roots]\npath = 'x'", "line 1: the table 'roots' is written another way | each folder begins with [[roots]]"),
            ("[[roots]]\ntype = 'VAE'", "line 1: the folder has no path | add: path = \"DIR\""),
            ("[[roots]]\npaht = 'x'", "line 2: there is no setting 'paht' in [[roots]] | did you mean 'path'?"),
            ("[watch]\nverify = 'yes'", "line 2: 'verify' must be true or false, without quotes"),
            ("jobs = 0", "line 1: 'jobs' must be a whole number from 1 to 1024"),
            ("jobs = 99999999999999999999", "line 1: the value of 'jobs' is no text, whole number"),
            ("jobs = 4\njobs = 5", "line 2: 'jobs' is there already, in line 1"),
            ("max_level = pg", "line 1: the value of 'max_level' is no text, whole number"),
            ("max_level = 'adult'", "line 1: unknown level: adult | one of: pg pg13 r x xxx"),
            ("sidecars = ['nonsense']", "line 1: unknown sidecar format: nonsense"),
            ("exclude = ['a', 1]", "line 1: the list 'exclude' holds something else than texts in quotes"),
            ("exclude = ['a'\n'b']", "line 2: a comma is missing in the list 'exclude'"),
            ("\nexclude = ['a',", "line 2: the list 'exclude' has no end | close it with ]"),
            ("exclude = ['..']", "line 1: not a pattern to exclude by: '..'"),
            ("a.b = 1", "line 1: a key with a dot, as in a.…, is not something that settings have"),
            ("[a.b]", "line 1: a table in a table, as in [a.…], is not something that settings have"),
            ("a = { b = 1 }", "line 1: a table within a line, as in { … }, is not something that settings have"),
            ("a = \"\"\"x\"\"\"", "line 1: a text of several lines is not something that settings have"),
            ("a = \"x", "line 1: a text has no end | close it with \""),
            ("a = \"\\q\"", "line 1: there is no such escape"),
            ("a = \"\\ud800\"", "line 1: \\u is followed by no character's number"),
            ("a = 1 2", "line 1: something stands behind the value"),
            ("a =", "line 1: 'a' has no value"),
            ("= 1", "line 1: there is no key"),
            ("a", "line 1: 'a' is not followed by ="),
            ("[watch]\n[watch]", "line 2: 'watch' is there already, in line 1"),
            ("[watch", "line 1: the line of table 'watch' does not end in ]"),
            ("a = 2026-01-01", "line 1: the value of 'a' is no text"),
            ("a = 1.5", "line 1: the value of 'a' is no text"),
            ("x = 1\ny\u{0}", "line 2: there is a control character: this is no text"),
        ])
    func whatIsWrongIsSaidWithItsLine(text: String, expected: String) {
        #expect(problem(text).hasPrefix(expected), "\(problem(text))")
    }

    @Test func hostileFiles() {
        #expect(problem(String(repeating: "[", count: 1 << 20)).hasPrefix("line 1: "))
        #expect(problem("a = " + String(repeating: "[", count: 900_000)).hasPrefix("line 1: "))
        #expect(problem(String(repeating: "a", count: 2 << 20)).hasPrefix("line 1: it has more than 1 MiB"))
        let many = (0..<40_000).map { "k\($0) = 1" }.joined(separator: "\n")
        #expect(problem(many).hasPrefix("line 101: there are too many keys"))
        let tables = String(repeating: "[[roots]]\npath='x'\n", count: 5000)
        #expect(problem(tables).contains("too many tables"))
        do throws(ShelfError) {
            _ = try Configuration.parse([0x61, 0x0a, 0xff, 0xfe], path: FilePath("c"), home: nil)
            Issue.record("not UTF-8")
        } catch {
            #expect(error.message == "line 2: it is not UTF-8")
        }
    }

    @Test func patterns() throws {
        func covers(_ pattern: String, _ path: String, skipped: Int = 0) throws -> Bool {
            let names = Array(path.utf8).split(separator: UInt8(ascii: "/"))
            return try #require(PathPattern(pattern)).covers(names, skipped: skipped)
        }
        for (pattern, path) in [
            ("*.bak", "a/b/x.bak"), ("wip", "a/wip/x.st"), ("wip/", "wip/x.st"), ("/wip", "wip/x"), ("a/*/x", "a/b/x"),
            ("**/x", "a/b/x"), ("a/**", "a/b/c"), ("a/**/c", "a/c"), ("a/**/c", "a/b/b/c"), ("?.st", "x.st"),
            ("[v1] x", "a/[v1] x"), ("*a*b*", "xaxbx"), ("**", "x"),
        ] { #expect(try covers(pattern, path), "\(pattern) \(path)") }
        for (pattern, path) in [
            ("*.bak", "x.bak2"), ("wip", "wipe/x"), ("/wip", "a/wip"), ("a/*", "b/a/c"), ("a/x", "a/b/x"), ("?.st", "xx.st"),
            ("[v1]", "v"), ("A", "a"), ("a/**/c", "a/b"),
        ] { #expect(try !covers(pattern, path), "\(pattern) \(path)") }
        // A folder that was named is not asked about.
        #expect(try !covers("wip", "wip/x", skipped: 1))
        #expect(try covers("x", "wip/x", skipped: 1))
        #expect(PathPattern("") == nil && PathPattern("/") == nil && PathPattern("a/../b") == nil)
        // Stars do not make it slow.
        let stars = String(repeating: "*a", count: 500)
        #expect(try !covers(stars, String(repeating: "a", count: 200_000) + "b"))
    }

    @Test func theInnermostDecidesAndPrivateIsFinal() {
        var outer = RootSettings()
        outer.lookup = false
        outer.sidecars = ["server"]
        outer.exclude = ["wip", "*.bak"]
        var inner = RootSettings()
        inner.lookup = true
        inner.sidecars = []
        var defaults = RootSettings()
        defaults.maximumLevel = "r"
        defaults.jobs = 3
        let policies = Policies(
            [Policies.Entry(FilePath("/m"), outer), Policies.Entry(FilePath("/m/wip"), inner)], defaults: defaults)
        let (a, b, c) = (FilePath("/m/x"), FilePath("/m/wip/x"), FilePath("/mm/x"))
        #expect(policies.sidecars(at: a) == ["server"] && policies.sidecars(at: b) == [] && policies.sidecars(at: c) == [])
        #expect(!policies.asks(about: a) && !policies.asks(about: b) && policies.asks(about: c))
        #expect(policies.previewLevel(at: b) == "r" && policies.value(\.jobs, at: c) == 3)
        let root = FilePath("/m")
        #expect(policies.excludes(FilePath("/m/a/wip"), below: root) && policies.excludes(FilePath("/m/x.bak"), below: root))
        // A root is never passed over itself.
        #expect(!policies.excludes(FilePath("/m/wip"), below: root) && !policies.excludes(b, below: root))
        var wishes = RootSettings()
        wishes.lookup = true
        wishes.maximumLevel = "pg"
        let wishing = policies.wishing(wishes)
        #expect(!wishing.asks(about: a) && wishing.previewLevel(at: a) == "pg")
        wishes.lookup = false
        #expect(!policies.wishing(wishes).asks(about: c))
    }
}
