import ModelShelf
import ShelfBase
import ShelfTestSupport
import Testing

/// Files like ComfyUI's `extra_model_paths.yaml`.
@Suite struct ExtraModelPathsTests {
    private func read(_ text: String) throws(ShelfError) -> [ExtraModelPaths.Folder] {
        try ExtraModelPaths(
            Array(text.utf8), path: FilePath("/comfy/extra_model_paths.yaml"), home: FilePath("/home/me"),
            environment: { $0 == "MODELS" ? FilePath("/mnt/models") : nil }
        ).folders
    }

    private func found(_ text: String) throws -> [String] {
        try read(text).map { "\($0.section) \($0.key) \($0.path.display)\($0.isDefault ? " default" : "")" }
    }

    @Test func whatSuchFilesSay() throws {
        #expect(
            try found(
                """
                # Rename this
                ---
                a1111:   # the other program
                    base_path: path/to/webui/

                    checkpoints: models/Stable-diffusion   # a comment
                    loras: |
                         models/Lora
                         models/My LoRA # 1

                    vae: 'it''s'
                    embeddings: "a \\"b\\" #c"
                # in between
                empty:
                comfyui:
                  base_path: ~/ComfyUI/../shared
                  is_default: Yes
                  clip: /abs/./clip/
                  upscale_models: |-
                    ESR:GAN
                "other ui":
                    base_path: ${MODELS}/$NONE
                    unet: x
                nobase:
                    "loras": loras
                """) == [
                    "a1111 checkpoints /comfy/path/to/webui/models/Stable-diffusion",
                    "a1111 loras /comfy/path/to/webui/models/Lora", "a1111 loras /comfy/path/to/webui/models/My LoRA # 1",
                    "a1111 vae /comfy/path/to/webui/it's", "a1111 embeddings /comfy/path/to/webui/a \"b\" #c",
                    "comfyui clip /abs/clip default", "comfyui upscale_models /home/me/shared/ESR:GAN default",
                    "other ui unet /mnt/models/$NONE/x", "nobase loras /comfy/loras",
                ])
        #expect(try found("") == [] && found("# nothing\n") == [])
        #expect(try found("a:\r\n  loras: x\r\n") == ["a loras /comfy/x"])
    }

    @Test(
        arguments: [
            ("a: b", "line 1: 'a' has a value, and is no section"),
            ("a:\n  - x", "line 2: a list, as in '- x', is not read"),
            ("a:\n  loras: [x, y]", "line 2: a list or map in brackets is not read"),
            ("a: &x\n  loras: y", "line 1: 'a' has a value"),
            ("a:\n  loras: *x", "line 2: an anchor or alias is not read"),
            ("a:\n  loras: !!str x", "line 2: a tag is not read"),
            ("a:\n  loras: >\n    x", "line 2: a folded text (>) is not read"),
            ("a:\n  <<: x", "line 2: a merge of maps (<<) is not read"),
            ("a:\n\tloras: x", "line 2: the line is indented by a tab"),
            ("a:\n  loras: x\n    more", "line 3: the line is indented by 4 blanks, those above it by 2"),
            ("a:\n  loras:\n    deep: x", "line 3: the line is indented by 4 blanks, those above it by 2"),
            ("a:\n  loras: x\n  loras: y", "line 3: 'loras' is there already, in line 2"),
            ("a:\na:", "line 2: the section 'a' is there already, in line 1"),
            ("a:\n  loras: x: y", "line 2: there is a second key on the line"),
            ("a:\n  loras: 'x", "line 2: a text has no end"),
            ("a:\n  loras: 'x' y", "line 2: something stands behind a text"),
            ("a:\n  loras: \"\\x41\"", "line 2: an escape in a text in double quotes is not read"),
            ("a:\n  loras: true", "line 2: 'loras' must be a folder"),
            ("a:\n  loras:", "line 2: 'loras' names no folder"),
            ("a:\n  is_default: perhaps", "line 2: 'is_default' must be true or false"),
            ("a:\n  base_path:", "line 2: 'base_path' must be one folder"),
            ("a:\n  loras: |\n      x\n    y", "line 4: the line is indented less than the first"),
            ("a:\n  loras: |2\n    y", "line 2: the | of 'loras' is followed by something"),
            ("  a: x", "line 1: an indented line stands before any section"),
            ("just words", "line 1: the line is no KEY: VALUE"),
            ("a:\n---\nb:", "line 2: a second document (---) is not read"),
            ("a:\n  x\u{1}: y", "line 2: there is a control character"),
        ])
    func otherYAMLIsRefusedWithItsLine(text: String, expected: String) {
        do throws(ShelfError) {
            _ = try read(text)
            Issue.record("read: \(text)")
        } catch {
            #expect(error.code == .usage)
            #expect(error.message.hasPrefix(expected), "\(error.message)")
        }
    }

    @Test func hostileFiles() {
        for text in [
            String(repeating: "a:\n", count: 300_000), "a:\n" + (0..<10_000).map { "  k\($0): x\n" }.joined(),
            String(repeating: " ", count: 1 << 20) + "x", String(repeating: "[", count: 1 << 20),
            "a:\n  x: |\n" + String(repeating: "    y\n", count: 100_000), String(repeating: "x", count: 2 << 20),
        ] {
            #expect(throws: ShelfError.self) { try read(text) }
        }
    }

    @Test func foldersBecomeRoots() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            for name in ["models/loras", "models/both", "models/sd", "models/strange", "models/user"] {
                try folder.model("\(name.dropFirst("models/".count))/a.safetensors", 1)
            }
            try folder.write(
                "extra.yaml",
                """
                comfyui:
                  base_path: models
                  is_default: true
                  checkpoints: |
                    sd
                    both
                  loras: loras
                  text_encoders: both
                  configs: sd
                  my_node_models: strange
                  vae: nowhere
                """)
            let file = folder["extra.yaml"]
            let dry = try shelf.importRoots(file, dryRun: true)
            #expect(dry.imported.count == 4 && dry.skipped.count == 2)
            #expect(try shelf.roots()["roots"] == .array([]))
            let report = try shelf.importRoots(file)
            #expect(report.json == dry.json)
            let types = Dictionary(
                uniqueKeysWithValues: report.imported.map { ($0.path.lastComponent.display, $0.type ?? "-") })
            #expect(types == ["sd": "Checkpoint", "both": "-", "loras": "LORA", "strange": "-"])
            #expect(Set(report.skipped.map(\.reason)) == ["a folder of this kind holds no models", "it is not there"])
            #expect(try shelf.roots()["roots"]?.array?.count == 4)
            #expect(try shelf.roots()["roots"]?.array?.allSatisfy { $0["default"]?.bool == true } == true)
            // Once more there is nothing new.
            #expect(try shelf.importRoots(file).imported.isEmpty)
            #expect(throws: ShelfError.self) { try shelf.importRoots(folder["none.yaml"]) }
        }
    }
}
