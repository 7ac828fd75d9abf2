import ModelShelf
import ShelfBase
import Testing

@testable import ShelfCLI

struct EditTests {
    @Test(
        "KEY=VALUE",
        arguments: [
            ("notes=good=fine", "notes(\"good=fine\")"), ("notes=", "notes(\"\")"), ("favorite=true", "favorite(true)"),
            ("favorite=No", "favorite(false)"), ("favorite=", "favorite(false)"),
            ("tags= a,,b c ,", "tags([\"a\", \"b c\"])"),
            ("name=x", "field(\"name\", Optional(ShelfBase.JSONValue.string(\"x\")))"),
            ("base_model=", "field(\"base_model\", nil)"), ("mine=", "field(\"mine\", nil)"),
            ("trigger_words=", "field(\"trigger_words\", nil)"),
        ])
    func edits(word: String, expected: String) throws {
        #expect("\(try Command.userEdit(FilePath(word)))" == expected)
    }

    @Test("Trigger words are a list")
    func words() throws {
        guard case .field("trigger_words", let value) = try Command.userEdit(FilePath("trigger_words=a b, 能天使")) else {
            Issue.record("not a field")
            return
        }
        #expect(value == .strings(["a b", "能天使"]))
    }

    @Test("A combining mark after the sign does not hide it")
    func combining() throws {
        guard case .notes(let text) = try Command.userEdit(FilePath("notes=\u{301}x")) else {
            Issue.record("not notes")
            return
        }
        #expect(text.unicodeScalars.first == "\u{301}")
    }

    @Test(
        "Wrong edits",
        arguments: ["set x notes", "set x =a", "set x favorite=maybe", "tag x style", "tag x +", "set x"])
    func wrong(line: String) {
        let ran = run(line)
        #expect(ran.status == 2)
        #expect(ran.engine.calls.allSatisfy { $0 == "close" })
    }

    @Test("Tags")
    func tags() {
        let ran = run("tag x +a -b +-c")
        #expect(ran.status == 0)
        #expect(
            ran.engine.calls.first?.hasSuffix(
                ".addTag(\"a\"), ModelShelf.UserEdit.removeTag(\"b\"), ModelShelf.UserEdit.addTag(\"-c\")]") == true)
    }

    @Test(
        "Every form in which a model or version is pasted",
        arguments: [
            ("82098@87153", .model(82098, version: 87153)), ("82098", .model(82098, version: nil)),
            ("model:82098", .model(82098, version: nil)), ("version:87153", .version(87153)),
            ("urn:air:sdxl:lora:civitai:82098@87153", .model(82098, version: 87153)),
            ("URN:AIR:flux1:checkpoint:Civitai:1@2+3.safetensors", .model(1, version: 2)),
            ("civitai:1@2", .model(1, version: 2)), ("urn:air:sd1:model:civitai:5", .model(5, version: nil)),
            ("https://civitai.com/models/82098", .model(82098, version: nil)),
            ("https://civitai.com/models/82098/a-name?modelVersionId=87153&x=1#top", .model(82098, version: 87153)),
            ("https://civitai.com/models/82098?modelVersionId=abc", .model(82098, version: nil)),
            ("civitai.red/en/models/1/", .model(1, version: nil)),
            ("https://www.civitai.red/models/1/model-versions/2/edit", .model(1, version: 2)),
            ("https://civitai.com/api/download/models/87153?token=secret", .version(87153)),
            ("https://civitai.com/model-versions/87153", .version(87153)),
            ("https://civitai.com/api/v1/model-versions/87153", .version(87153)),
            ("https://civitai.com/api/v1/models/82098", .model(82098, version: nil)),
        ] as [(String, LinkTarget)])
    func targets(text: String, target: LinkTarget) {
        #expect(LinkTarget(text) == target)
    }

    @Test(
        "What names no model",
        arguments: [
            "", "x", "0", "-1", "1@", "@1", "1@2@3", "99999999999999999999", "model:",
            "urn:air:sd1:model:huggingface:5",
            "https://example.org/models/1", "https://civitai.com.example.org/models/1", "https://civitai.com/images/1",
            "https://civitai.com", "https://", "civitai:", "+1@2", "١",
        ])
    func noTarget(text: String) {
        #expect(LinkTarget(text) == nil)
    }

    @Test("A version named alone is asked for its model")
    func version() {
        let engine = FakeEngine(document: {
            let civitai: JSONObject = ["model_id": .int(9), "version_id": .int(5)]
            return ["results": .array([.object(["status": .string("found"), "civitai": .object(civitai)])])]
        })
        #expect(run("link x version:5", engine: engine).engine.calls == ["lookup version:5", "link x 9@5", "close"])
        #expect(run("link x 9").engine.calls == ["link x 9@-", "close"])
        #expect(run("unlink x").engine.calls == ["unlink x", "close"])
        #expect(run("link x nonsense").status == 2)
        func answer(_ status: String) -> Int32 {
            let results: JSONValue = .array([.object(["status": .string(status), "civitai": .null])])
            return run("link x version:5", engine: FakeEngine(document: { ["results": results] })).status
        }
        #expect(answer("not_found") == 3)
        #expect(answer("pending") == 4)
    }

    @Test("Lookups answer with what became of them")
    func lookup() {
        func status(_ statuses: String...) -> Int32 {
            let results = statuses.map { JSONValue.object(["query": .string("q"), "status": .string($0)]) }
            return run("lookup a b", engine: FakeEngine(document: { ["results": .array(results)] })).status
        }
        #expect(status("found", "found") == 0)
        #expect(status("found", "not_found") == 1)
        #expect(status("not_found", "gone") == 3)
        #expect(status("found", "pending") == 4)
    }

    @Test("Roots are added with and without a type, and removed")
    func roots() {
        let document: JSONObject = [
            "roots": .array([
                .object(["path": .string("/m"), "type": .string("LORA"), "state": .string("online"), "files": .int(3)])
            ])
        ]
        let engine = FakeEngine(roots: { document })
        let ran = run("roots add LORA=/m /n ./a=b", engine: engine)
        #expect(ran.output == "FOLDER  TYPE  STATE   FILES\n/m      LORA  online      3\n")
        #expect(ran.engine.calls == ["addRoot LORA /m", "addRoot - /n", "addRoot - ./a=b", "close"])
        #expect(run("roots remove /m").engine.calls == ["removeRoot /m", "close"])
        #expect(run("roots --json", engine: engine).document == .object(document))
        for line in ["roots add", "roots add LORA=", "roots remove", "roots import", "roots frob"] {
            #expect(run(line).status == 2)
        }
    }

    @Test("What holds for a root is said by options of roots add, and by no other's")
    func rootSettings() {
        let line = "roots add LORA=/m /n --type VAE --no-lookup --exclude *.bak --exclude wip/** --sidecars server"
        #expect(
            run(line).engine.calls == [
                "addRoot LORA /m private without [\"*.bak\", \"wip/**\"] sidecars [\"server\"]",
                "addRoot VAE /n private without [\"*.bak\", \"wip/**\"] sidecars [\"server\"]", "close",
            ])
        #expect(run("roots add /m --sidecars none").engine.calls.first == "addRoot - /m sidecars []")
        #expect(run("roots import /x.yaml").engine.calls.first == "importRoots /x.yaml")
        #expect(run("roots import x.yaml --dry-run").engine.calls.first == "importRoots x.yaml dry")
        for line in [
            "roots --no-lookup", "roots remove /m --type VAE", "roots import x --default", "roots add /m --dry-run",
            "roots add /m --lookup --no-lookup", "roots add /m --sidecars nonsense", "roots import a b",
            "roots add /m --jobs 0",
        ] { #expect(run(line).status == 2, "\(line)") }
    }

    @Test("A home folder after TYPE= is expanded, as shells do for other words")
    func home() {
        let ran = run("roots add LORA=~/m", terminal: RecordingTerminal(variables: ["HOME": "/home/u"]))
        #expect(ran.engine.calls.first == "addRoot LORA /home/u/m")
    }

    @Test("Doctor reports also when the store cannot be opened")
    func doctor() {
        let broken = FakeEngine(document: { () throws(ShelfError) -> JSONObject in
            throw ShelfError(.storeError, "is not a database", hint: "restore a backup")
        })
        let ran = run("doctor --json", engine: broken)
        #expect(ran.status == 5)
        #expect(ran.document?["ok"]?.bool == false)
        #expect(ran.document?["checks"]?[0]?["advice"]?.string == "restore a backup")
        let bad = FakeEngine(document: {
            let check: JSONObject = [
                "name": .string("network"), "status": .string("fail"), "detail": .string("no route"),
                "advice": .string("connect"),
            ]
            return ["ok": .bool(false), "checks": .array([.object(check)])]
        })
        #expect(run("doctor", engine: bad).output == "fail  network: no route\n      → connect\n")
        #expect(run("doctor", engine: bad).status == 1)
        #expect(run("doctor", engine: FakeEngine(document: { ["ok": .bool(true), "checks": .array([])] })).status == 0)
    }
}
