import ModelShelf
import ShelfBase
import Testing

@testable import ShelfCLI

struct RecordTests {
    private static let page = ModelPage(
        models: [
            Samples.record(),
            Samples.record(name: "能天使", type: "Checkpoint", size: 6_900_000_000, status: nil, words: []),
            Samples.record(name: "evil\u{1b}]0;x\u{07}\u{202e}", status: "not_found", words: ["a", "b"]),
        ], total: 5)

    @Test("A table whose columns stand, whatever the width of the signs")
    func table() {
        let ran = run("list --limit 3", engine: FakeEngine(page: { Self.page }))
        #expect(
            ran.output == """
                NAME                        TYPE        BASE MODEL     SIZE  CIVITAI        TRIGGER WORDS
                ★ exusiai                   LORA        SDXL 1.0     228 MB  found          exusiai
                ★ 能天使                    Checkpoint  SDXL 1.0    6.90 GB  not asked yet
                ★ evil\\x1b]0;x\\x07\\u{202e}  LORA        SDXL 1.0     228 MB  not there      a, b

                """)
        #expect(ran.messages == "1 to 3 of 5; --offset 3 shows more.\n")
        #expect(ran.status == 0)
    }

    @Test("Fitted to the terminal, columns give way", arguments: [40, 60, 80, 100])
    func fitted(width: Int) {
        let terminal = RecordingTerminal(outputWidth: width, variables: ["NO_COLOR": "1"])
        let ran = run("list", engine: FakeEngine(page: { Self.page }), terminal: terminal)
        let widths = ran.output.split(separator: "\n").map { DisplayWidth.of($0) }
        #expect(widths.count == 4)
        #expect(widths.allSatisfy { $0 <= max(width, 70) })
        #expect(!ran.output.contains("\u{1b}"))
    }

    @Test("Nothing is no failure")
    func empty() {
        let ran = run("search nothing here")
        #expect(ran.status == 0)
        #expect(ran.output.isEmpty)
        #expect(ran.messages == "No models found.\n")
        #expect(ran.engine.calls.first == "search nothing here")
        #expect(run("list --json").document == .object(["models": .array([]), "total": .int(0)]))
    }

    @Test("Filters reach the core")
    func filters() throws {
        let words = [
            "list", "--type", "lora", "--base-model=SDXL 1.0", "--tag", "t", "--missing-metadata", "--favorite",
        ]
        let more = ["--sort", "base_model", "--limit", "0", "--offset", "7"]
        let filter = try #require(run((words + more).map { FilePath($0) }).engine.lastFilter)
        #expect(filter.type == "lora" && filter.baseModel == "SDXL 1.0" && filter.tag == "t")
        #expect(filter.missingMetadata && filter.favorite && filter.sort == .baseModel)
        #expect(filter.limit == 0 && filter.offset == 7)
        #expect(run("list --sort nmae").messages.contains("unknown order 'nmae' (did you mean 'name'?)"))
        #expect(run("list --limit -1").status == 2)
    }

    @Test("A card that says what is known and leaves out the rest")
    func card() {
        let ran = run("info x")
        #expect(
            ran.output == """
                exusiai
                  path           /m/exusiai.safetensors
                  type           LORA
                  base model     SDXL 1.0
                  format         safetensors, fp16
                  size           228 MB
                  trigger words  exusiai
                  Civitai        found
                                 Exusiai – v2 by somebody
                                 https://civitai.com/models/1
                  favorite       yes
                  tags           style
                  notes          good
                                 at 0.7
                  hashes         sha256: ab12
                  safety         safe

                """)
        #expect(ran.engine.calls == ["record x", "close"])
        #expect(run("info x --json").document == .object(Samples.record().json))
    }

    @Test("A name that fits several gives them")
    func ambiguous() {
        let engine = FakeEngine(record: { () throws(ShelfError) -> ModelRecord in
            throw ShelfError(.ambiguous, "the name fits 2 models", candidates: ["/m/a", "/m/b\u{1b}"])
        })
        let ran = run("info x", engine: engine)
        #expect(ran.status == 3)
        #expect(ran.messages == "modelshelf: the name fits 2 models\n  /m/a\n  /m/b\\x1b\n")
        #expect(run("info x --json", engine: engine).document?["error"]?["candidates"]?.array?.count == 2)
    }

    @Test("What a header tells")
    func inspect() {
        let engine = FakeEngine(document: {
            [
                "files": .array([
                    .object([
                        "path": .string("x.safetensors"), "size": .int(2_000), "format": .string("safetensors"),
                        "type": .string("LORA"), "base_model": .null, "precision": .string("fp16"),
                        "tensors": .int(264),
                        "parameters": .int(2_600_000), "rank": .int(16), "alpha": .double(8),
                        "training": .object(["epochs": .int(10)]), "metadata": .object(["ss_a": .string("…")]),
                        "safety": .object(["verdict": .string("safe"), "findings": .array([])]),
                        "problems": .array([.object(["code": .string("c"), "message": .string("m")])]),
                    ])
                ]), "failed": .array([]),
            ]
        })
        #expect(
            run("inspect x.safetensors", engine: engine).output == """
                x.safetensors
                  type      LORA
                  format    safetensors, fp16
                  size      2.00 kB
                  tensors   264, 2.60 million parameters
                  rank      16, alpha 8
                  training  epochs: 10
                  metadata  ss_a
                  safety    safe
                  problems  c: m

                """)
    }
}
