internal import ShelfBase

/// The file of a download: opening, choosing its name, verifying, finishing.
extension DownloadRun {
    func open(name target: FilePath, _ sha256: String?) throws(ShelfError) {
        let state = DownloadState(key: plan.key, name: target.lastComponent.display, sha256: plan.sha256 ?? sha256)
        let opened = try PartFile(target: target, state: state)
        progress.phase = .verifying
        progress.name = target.lastComponent
        try tick(force: true)
        _ = try opened.takeUp(cancellation: cancellation)
        progress.bytes = opened.count
        part = opened
        if opened.hashedAgain > 0 { Log.write(.debug, "\(opened.hashedAgain) bytes hashed again") }
    }

    /// Gives the file its name; the result when it turns out to be there.
    func choosePlace(_ machine: DownloadMachine) throws(ShelfError) -> DownloadResult? {
        let name = machine.name ?? SafeFileName.make(machine.source.url.path) ?? "download"
        switch try folder.place(name, sha256: machine.expected, key: plan.key) {
        case .there(let path): return try wasThere(path, machine.expected ?? "")
        case .free(let path):
            try folder.make()
            // Checked before anything is written, so that a full disk is left as it was.
            if let total = machine.total ?? plan.size { try folder.checkSpace(for: total) }
            try open(name: path, machine.expected)
            return nil
        }
    }

    func verify(_ machine: inout DownloadMachine) throws(ShelfError) -> DownloadMachine.Action {
        guard let part else { throw ShelfError(.internalError, "nothing to verify") }
        progress.phase = .verifying
        try tick(force: true)
        guard let expected = machine.expected else {
            guard let fault = part.fault else { return machine.verified(nil) }
            try part.restart()
            resumedFrom = 0
            return machine.unusable(fault)
        }
        let matches = part.sha256 == expected
        let action = machine.verified(matches)
        if !matches, case .send = action {
            Log.write(
                .warning, "\(part.target.display): the bytes are not those that were published; again from the start")
            try part.restart()
            resumedFrom = 0
        }
        return action
    }

    func finish(_ isVerified: Bool) throws(ShelfError) -> DownloadResult {
        guard let part else { throw ShelfError(.internalError, "nothing to finish") }
        let sha256 = part.sha256
        let place = try folder.place(part.target.lastComponent.display, sha256: sha256, key: plan.key)
        if case .there(let path) = place {
            part.discard()
            return try wasThere(path, sha256, isVerified: isVerified)
        }
        do throws(ShelfError) {
            try part.publish()
        } catch {
            // Another file took the name while this one was on its way: it moves to the next free one.
            guard error.code == .fileChanged,
                case .free(let path) = try folder.place(part.target.lastComponent.display, sha256: nil, key: plan.key)
            else { throw error }
            try part.publish(as: path)
            return result(path, isVerified, sha256)
        }
        return result(part.target, isVerified, sha256)
    }

    private func result(_ path: FilePath, _ isVerified: Bool, _ sha256: String) -> DownloadResult {
        progress.phase = .done
        try? tick(force: true)
        return DownloadResult(
            path: path, bytes: part?.count ?? 0, resumedFrom: resumedFrom, sha256: sha256, isVerified: isVerified,
            wasThere: false, identity: part?.identity)
    }

    func wasThere(
        _ path: FilePath, _ sha256: String, isVerified: Bool = true
    ) throws(ShelfError) -> DownloadResult {
        guard case .success(let identity) = FileIdentity.of(path) else {
            throw ShelfError(.fileChanged, "the file vanished while it was looked at", path: path)
        }
        progress.phase = .done
        progress.bytes = identity.size
        progress.total = identity.size
        try tick(force: true)
        return DownloadResult(
            path: path, bytes: identity.size, resumedFrom: 0, sha256: sha256, isVerified: isVerified, wasThere: true)
    }

    func quarantine(_ machine: DownloadMachine) throws(ShelfError) -> ShelfError {
        guard let part else { return ShelfError(.internalError, "nothing to put aside") }
        var error = DownloadErrors.mismatch(expected: machine.expected ?? "", found: part.sha256)
        error.path = part.quarantine()
        self.part = nil
        return error
    }
}

extension PartFile {
    func append(_ bytes: [UInt8]) throws(ShelfError) {
        try bytes.withUnsafeBufferPointer { (buffer) throws(ShelfError) -> Void in
            try append(UnsafeRawBufferPointer(buffer))
        }
    }
}
