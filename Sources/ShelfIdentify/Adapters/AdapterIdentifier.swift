internal import ShelfFormats

/// Turns what an adapter's tensors tell into an identification.
enum AdapterIdentifier {
    static func identify(_ adapter: AdapterReader, _ header: FileHeader, into answer: inout Identification) {
        answer.type = adapter.type
        answer.kind = adapter.method
        answer.rank = adapter.rank
        let hasModel = adapter.kinds.contains { $0.encoder == 0 }
        let rules = hasModel ? AdapterTable.rules : AdapterTable.encoderRules
        if let architecture = adapter.targetArchitectures.first {
            answer.architecture = architecture
            answer.evidence = ["target prefix"]
        } else if let verdict = rules.lazy.compactMap({ $0.verdict(adapter) }).first {
            answer.architecture = verdict.architecture
            answer.variant = verdict.variant
            answer.confidence = verdict.confidence
            answer.evidence = verdict.evidence
            answer.alternatives = verdict.alternatives
        }
        answer.hasTextEncoder = adapter.kinds.contains { $0.encoder != 0 }
        if hasMotionModules(adapter) {
            answer.kind = "motion-lora"
            answer.architecture = "sd1"
        }
        if adapter.otherNames.contains(where: { $0.starts(with: "bundle_emb.".utf8) }) {
            answer.evidence.append("bundle_emb.*")
        }
        preferVersion2(header, &answer)
    }

    private static func hasMotionModules(_ adapter: AdapterReader) -> Bool {
        !adapter.kinds.isEmpty && adapter.kinds.allSatisfy { Bytes.contains(Array($0.text.utf8), "motion_modules") }
    }

    /// Adapters of self-attention alone look the same for SD 1 and SD 2; the trainer knows.
    private static func preferVersion2(_ header: FileHeader, _ answer: inout Identification) {
        guard answer.architecture == "sd1", answer.alternatives.contains("sd2"), header.value("ss_v2") == "True" else {
            return
        }
        answer.architecture = "sd2"
        answer.alternatives = answer.alternatives.map { $0 == "sd2" ? "sd1" : $0 }
        answer.confidence = "metadata"
        answer.evidence.append("ss_v2 = True")
    }
}
