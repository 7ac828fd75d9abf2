public import ShelfBase
internal import ShelfCivitai
internal import ShelfStore

extension Shelf {
    /// `{"ok":bool,"checks":[{"name","status","detail","advice"}]}`: a look at the installation, the store, the model
    /// folders and the network.
    public func doctor() throws(ShelfError) -> JSONObject {
        try checkUse()
        var findings = Findings()
        findings.add("version", .ok, "modelshelf \(ModelShelfVersion.text), C ABI \(ModelShelfVersion.abi)")
        findings.add("processors", .ok, "\(WorkerPool.processorCount) usable")
        try checkStore(&findings)
        if try checkConfiguration(&findings) { try checkRoots(&findings) }
        checkNetwork(&findings)
        return findings.json
    }

    private func checkStore(_ findings: inout Findings) throws(ShelfError) {
        if let problem = try store.integrityProblem() {
            findings.add(
                "database", .fail, "\(database.display): \(problem)",
                "move the file away and scan again; edits are in the newest backup beside it")
        } else {
            let files = try store.read { (connection) throws(ShelfError) in
                try connection.int("SELECT count(*) FROM location")
            }
            findings.add("database", .ok, "\(database.display), \(files ?? 0) files")
        }
        for warning in store.warnings { findings.add("database", .warn, warning, "see docs/storage.md") }
    }

    /// What the file of settings says. False when it cannot be understood: then the roots are not known either.
    private func checkConfiguration(_ findings: inout Findings) throws(ShelfError) -> Bool {
        let path = HomeFolder.configuration()
        do throws(ShelfError) {
            guard let configuration = try configuration() else {
                findings.add("configuration", .ok, "\(path.display) is not there, and need not be")
                return true
            }
            var says = ["\(configuration.roots.count) folders"] + Self.words(configuration.defaults)
            if let connections = configuration.connections { says.append("download connections \(connections)") }
            if let width = configuration.previewWidth { says.append("previews width \(width)") }
            if let poll = configuration.pollMilliseconds { says.append("watch poll \(poll / 1000) s") }
            if let verify = configuration.verifiesAdopted { says.append("watch verify \(verify)") }
            findings.add("configuration", .ok, "\(path.display): \(says.joined(separator: ", "))")
            return true
        } catch {
            guard error.path == path || error.path == Paths.absolute(path) else { throw error }
            findings.add(
                "configuration", .fail, "\(path.display): \(error.message)",
                error.hint ?? "correct the file; docs/configuration.md shows what belongs there")
            return false
        }
    }

    /// What settings say, in the words of the file.
    private static func words(_ settings: RootSettings) -> [String] {
        settings.json.members.compactMap { member in
            if member.value.isNull || member.key == "metadata_dir_bytes" || member.key == "type" { return nil }
            return "\(member.key) = \(member.value.text())"
        }
    }

    private func checkRoots(_ findings: inout Findings) throws(ShelfError) {
        let roots = try store.read { (connection) throws(ShelfError) in try connection.roots() }.filter(\.isRegistered)
        guard !roots.isEmpty else {
            findings.add("roots", .warn, "no model folder is registered", "modelshelf roots add TYPE=DIR")
            return
        }
        let policies = try policies()
        for root in roots {
            if case .success = FileIdentity.of(root.path) {
                let settings = policies.entries.first { $0.path == root.path }?.settings ?? RootSettings()
                let type = settings.type.map { [$0] } ?? []
                findings.add(
                    "root", .ok, ([root.path.display] + type + Self.words(settings)).joined(separator: ", "))
            } else {
                findings.add(
                    "root", .warn, "\(root.path.display) is not there",
                    "mount its disk, or take it out with: modelshelf roots remove DIR")
            }
        }
    }

    private func checkNetwork(_ findings: inout Findings) {
        let configuration = lookups.client.configuration
        let place = configuration.base.origin.description
        guard configuration.offline == nil else {
            findings.add(
                "civitai", .warn, "switched off (\(place))", "unset MODELSHELF_OFFLINE, or leave out --offline")
            return
        }
        do throws(ShelfError) {
            if configuration.token != nil {
                _ = try lookups.client.me()
                findings.add("civitai", .ok, "\(place) answers and knows the API key")
            } else {
                // The cheapest question that it answers to everybody: no digests, no matches.
                _ = try lookups.client.models(ids: [1])
                findings.add("civitai", .ok, "\(place) answers; no API key is set", "downloads may need CIVITAI_TOKEN")
            }
        } catch  where error.code == .unauthorized {
            findings.add("civitai", .fail, "\(place) does not accept the API key", error.hint ?? "set CIVITAI_TOKEN")
        } catch {
            findings.add("civitai", .warn, "\(place): \(error.message)", error.hint ?? "lookups are made up for later")
        }
    }
}

/// The findings of the doctor.
private struct Findings {
    enum Status: String { case ok, warn, fail }

    private var checks: [JSONValue] = []
    private var isWell = true

    mutating func add(_ name: String, _ status: Status, _ detail: String, _ advice: String? = nil) {
        if status == .fail { isWell = false }
        checks.append(
            .object([
                "name": .string(name), "status": .string(status.rawValue), "detail": .string(detail),
                "advice": .optional(advice),
            ]))
    }

    var json: JSONObject { ["ok": .bool(isWell), "checks": .array(checks)] }
}
