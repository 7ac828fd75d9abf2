internal import ShelfBase
internal import ShelfCivitai
internal import ShelfHashing
internal import ShelfStore

extension Shelf {
    /// A file up to this size (bytes) is read for all its digests at once: nobody waits for that.
    private static let smallFile: Int64 = 16 << 20

    /// Takes a downloaded file into the library.
    ///
    /// Its SHA-256 was taken while it was written, so a large file is not read again here: the header is, and the next
    /// scan fills in the other digests.
    func register(
        _ result: DownloadResult, _ target: DownloadTarget, _ cancellation: Cancellation
    ) throws(ShelfError) -> ModelRecord {
        let path = Paths.absolute(result.path)
        let known = result.bytes > Self.smallFile ? result.identity : nil
        var scan = ScanRequest(folders: [ScanRequest.Folder(path: path)])
        // One that was there, and is as it was when its digest was noted, need not be read either.
        var isNoted = false
        if result.wasThere { isNoted = try storedHash(path, "sha256") == result.sha256 }
        scan.hash = known == nil && !isNoted
        // Pictures and sidecars come when all is known.
        scan.previews = false
        scan.sidecars = []
        scan.lookup = target.candidate == nil && scan.hash ? nil : false
        _ = try self.scan(scan, cancellation: cancellation)
        if let known, try !adopt(result.sha256, known, path) {
            // Somebody touched it, or it is known already: then it is read as every other file is.
            scan.hash = true
            scan.lookup = target.candidate == nil ? nil : false
            _ = try self.scan(scan, cancellation: cancellation)
        } else if known != nil, target.candidate == nil {
            scan.lookup = nil
            _ = try self.scan(scan, cancellation: cancellation)
        }
        return try store.write { (connection) throws(ShelfError) in
            let file = try FileResolver(connection).one(path)
            let remote = try connection.remote(content: file.content)
            if let candidate = target.candidate, remote?.isPinned != true, result.isVerified {
                try RemoteWriter.found(
                    content: file.content, candidate, matchedBy: "download", hash: result.sha256, isPinned: false,
                    self.lookups.client.configuration, connection)
            }
            return try Self.record(file, connection)
        }
    }

    /// Notes the digest of a file whose header has been read; false when it is not that file any more.
    private func adopt(_ sha256: String, _ identity: FileIdentity, _ path: FilePath) throws(ShelfError) -> Bool {
        guard let digest = Hex.decode(sha256) else { return false }
        let open = try ReadableFile(path)
        let sample = try FileSample.read(open)
        guard open.identity.isUntouched(since: identity), open.currentIdentity()?.isUntouched(since: identity) == true
        else { return false }
        return try store.write { (connection) throws(ShelfError) in
            guard let file = try FileResolver(connection).file(at: path) else { return false }
            guard try connection.adopt(sha256: digest, sample: sample, location: file.id, identity) else {
                return false
            }
            try ListingMaker.refresh(
                content: try connection.knownFile(id: file.id)?.content ?? file.content, connection)
            return true
        }
    }
}
