import ShelfBase
import ShelfStore
import ShelfTestSupport
import Testing

@testable import ModelShelf

/// What a scan says of files that came, went and changed.
@Suite struct ScanTests {
    @Test func newThenUnchanged() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let a = try folder.model("a.safetensors", 1)
            try folder.model("deep/b.safetensors", 2)
            try folder.write("models/readme.txt", "x")
            let first = try shelf.scan(folder.models)
            #expect(first.counts == ["files": 2, "new": 2, "hashed": 2, "pending": 2])
            #expect(first.bytesHashed == 2 * (try FileIdentity.of(a).get().size))
            #expect(first.requests == 0)
            let second = try shelf.scan(folder.models)
            #expect(second.counts == ["files": 2, "unchanged": 2, "pending": 2])
            #expect(second.bytesHashed == 0)
            #expect(try shelf.record(a).hash("sha256")?.count == 64)
        }
    }

    @Test func changedInPlaceKeepsWhatTheUserSaid() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let a = try folder.model("a.safetensors", 1)
            _ = try shelf.scan(folder.models)
            let before = try shelf.update(a, [.notes("mine"), .favorite(true), .addTag("t")])
            try folder.model("a.safetensors", 1, metadata: ["ss_output_name": "edited"], modified: 1_700_000_100)
            #expect(try shelf.scan(folder.models).counts == ["files": 1, "changed": 1, "hashed": 1, "pending": 1])
            let after = try shelf.record(a)
            #expect(after.hash("sha256") != before.hash("sha256"))
            #expect(after.hash("tensor_sha256") == before.hash("tensor_sha256"))
            #expect(after.json["user"] == before.json["user"])
            // The digest that others still have of it finds it.
            let old = try #require(before.hash("sha256"))
            #expect(try shelf.record(FilePath(old)).path == a)
            try folder.model("a.safetensors", 9, modified: 1_700_000_200)
            #expect(try shelf.scan(folder.models).changed == 1)
            #expect(try shelf.record(a).json["user"] == before.json["user"])
        }
    }

    @Test func touched() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let a = try folder.model("a.safetensors", 1)
            _ = try shelf.scan(folder.models)
            let before = try shelf.update(a, [.notes("mine")])
            try folder.touch("models/a.safetensors", 1_700_000_500)
            #expect(try shelf.scan(folder.models).counts == ["files": 1, "changed": 1, "hashed": 1, "pending": 1])
            let after = try shelf.record(a)
            #expect(after.hash("sha256") == before.hash("sha256"))
            #expect(after.json["user"] == before.json["user"])
            #expect(try shelf.list().total == 1)
        }
    }

    /// Another inode or change time with the same size and modification time: a sample decides, nothing is hashed.
    @Test func replacedByTheSame() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            try folder.model("a.safetensors", 1)
            try folder.model("b.safetensors", 2)
            _ = try shelf.scan(folder.models)
            folder.remove("models/a.safetensors")
            try folder.model("a.safetensors", 1)
            let report = try shelf.scan(folder.models)
            #expect(report.counts == ["files": 2, "unchanged": 2, "pending": 2])
            #expect(report.bytesHashed == 0)
        }
    }

    @Test func replacedByOtherBytesOfTheSameSizeAndTime() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let a = try folder.model("a.safetensors", 1)
            _ = try shelf.scan(folder.models)
            let before = try shelf.record(a).hash("sha256")
            try folder.model("a.safetensors", 2)
            #expect(try shelf.scan(folder.models).counts == ["files": 1, "changed": 1, "hashed": 1, "pending": 1])
            #expect(try shelf.record(a).hash("sha256") != before)
        }
    }

    @Test func aFileWrittenJustNowIsLookedAtAgain() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let a = try folder.write("models/a.safetensors", safetensors(1))
            #expect(try shelf.scan(folder.models).hashed == 1)
            let before = try shelf.record(a).hash("sha256")
            #expect(try shelf.scan(folder.models).counts == ["files": 1, "unchanged": 1, "pending": 1])
            // A second write that left no trace in the times, because it came within the grain of the clock.
            try folder.write("models/a.safetensors", safetensors(2))
            let identity = try FileIdentity.of(a).get()
            try shelf.store.write { (connection) throws(ShelfError) in
                guard let id = try connection.int("SELECT id FROM location") else { return }
                try connection.setIdentity(id, identity, unsettled: true)
            }
            #expect(try shelf.scan(folder.models).counts == ["files": 1, "changed": 1, "hashed": 1, "pending": 1])
            #expect(try shelf.record(a).hash("sha256") != before)
            #expect(try shelf.scan(folder.models).changed == 0)
        }
    }

    @Test func moved() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            try folder.model("a.safetensors", 1)
            try folder.model("other/c.safetensors", 3)
            _ = try shelf.scan(folder.models)
            _ = try shelf.update(folder["models/a.safetensors"], [.notes("mine")])
            try folder.move("models/a.safetensors", to: "models/sub/renamed.safetensors")
            #expect(
                try shelf.scan(folder.models).counts == ["files": 2, "unchanged": 1, "moved": 1, "pending": 2])
            let record = try shelf.record(folder["models/sub/renamed.safetensors"])
            #expect(record.json["user"]?["notes"]?.string == "mine")
            #expect(record.name == "renamed")
            #expect(try shelf.names("renamed") == ["renamed"])
            #expect(try shelf.names("mine") == ["renamed"])
            #expect(try shelf.record(FilePath("renamed")).path == record.path)
            #expect(throws: ShelfError.self) { try shelf.record(FilePath("a")) }
            #expect(try shelf.list().total == 2)
        }
    }

    @Test func movedToAnotherFolderOfWhichOnlyTheNewOneIsScanned() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            try folder.model("one/a.safetensors", 1)
            _ = try folder.model("two/b.safetensors", 2)
            _ = try shelf.scan(folder["models/one"], folder["models/two"])
            try folder.move("models/one/a.safetensors", to: "models/two/a.safetensors")
            #expect(
                try shelf.scan(folder["models/two"]).counts == ["files": 2, "unchanged": 1, "moved": 1, "pending": 2])
            #expect(try shelf.list().total == 2)
        }
    }

    @Test func copied() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let a = try folder.model("a.safetensors", 1)
            _ = try shelf.scan(folder.models)
            _ = try shelf.update(a, [.addTag("shared")])
            // As `cp -p` makes it: with its times.
            let b = try folder.model("copy/b.safetensors", 1)
            let kept = try shelf.scan(folder.models)
            #expect(kept.counts == ["files": 2, "new": 1, "unchanged": 1, "pending": 2])
            // And as `cp` makes it.
            let c = try folder.model("c.safetensors", 1, modified: 1_700_000_900)
            let read = try shelf.scan(folder.models)
            #expect(read.counts == ["files": 3, "new": 1, "unchanged": 2, "hashed": 1, "pending": 3])
            #expect(try shelf.paths() == [a, b, c])
            #expect(try shelf.record(b).name == "b")
            #expect(try shelf.names("shared").sorted() == ["a", "b", "c"])
            #expect(
                Set(try shelf.record(a).json["duplicates"]?.array?.compactMap(\.string) ?? []) == [
                    b.display, c.display,
                ])
            _ = try shelf.update(c, [.addTag("more")])
            #expect(try shelf.record(b).json["user"]?["tags"] == .strings(["shared", "more"]))
        }
    }

    @Test func linkedFilesAreOneFile() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let real = try folder.model("z/real.safetensors", 1)
            try folder.link("models/a/link.safetensors", to: real)
            try folder.hardLink("models/b/twin.safetensors", to: real)
            #expect(try shelf.scan(folder.models).counts == ["files": 1, "new": 1, "hashed": 1, "pending": 1])
            for _ in 0..<2 {
                #expect(try shelf.scan(folder.models).counts == ["files": 1, "unchanged": 1, "pending": 1])
            }
            for name in ["models/z/real.safetensors", "models/a/link.safetensors", "models/b/twin.safetensors"] {
                #expect(try shelf.record(folder[name]).hash("autov2") != nil, "\(name)")
                #expect(try shelf.storedHash(folder[name], "sha256") != nil, "\(name)")
            }
            folder.remove("models/b/twin.safetensors")
            folder.remove("models/a/link.safetensors")
            #expect(try shelf.scan(folder.models).missing == 0)
        }
    }

    @Test func missingAndBack() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let a = try folder.model("a.safetensors", 1)
            try folder.model("b.safetensors", 2)
            _ = try shelf.scan(folder.models)
            _ = try shelf.update(a, [.notes("mine")])
            folder.remove("models/a.safetensors")
            for _ in 0..<2 {
                #expect(
                    try shelf.scan(folder.models).counts == ["files": 1, "unchanged": 1, "missing": 1, "pending": 1])
            }
            #expect(try shelf.record(a).isMissing)
            #expect(try shelf.list().total == 2)
            try folder.model("a.safetensors", 1)
            let back = try shelf.scan(folder.models)
            #expect(back.missing == 0)
            #expect(back.hashed == 0)
            #expect(try !shelf.record(a).isMissing)
            #expect(try shelf.record(a).json["user"]?["notes"]?.string == "mine")
        }
    }

    @Test func anAbsentOrEmptyRootIsOffline() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let a = try folder.model("a.safetensors", 1)
            try folder.model("b.safetensors", 2)
            _ = try shelf.scan(folder.models)
            try folder.move("models", to: "unplugged")
            let absent = try shelf.scan(folder.models)
            #expect(absent.counts == ["failed": 1])
            #expect(absent.failed.first?.code == .offlineRoot)
            #expect(try !shelf.record(a).isMissing)
            _ = try folder.makeFolder("models")
            let empty = try shelf.scan(folder.models)
            #expect(empty.counts == ["failed": 1])
            #expect(empty.failed.first?.code == .offlineRoot)
            #expect(try !shelf.record(a).isMissing)
            folder.remove("models")
            try folder.move("unplugged", to: "models")
            #expect(try shelf.scan(folder.models).counts == ["files": 2, "unchanged": 2, "pending": 2])
        }
    }

    @Test func filesOfAFolderThatCannotBeListedAreNotMissing() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let a = try folder.model("closed/a.safetensors", 1)
            try folder.model("b.safetensors", 2)
            _ = try shelf.scan(folder.models)
            let report = try AsNobody.run(folder, closed: folder["models/closed"]) { try shelf.scan(folder.models) }
            #expect(report.missing == 0)
            #expect(report.failed.map(\.path) == [folder["models/closed"]])
            #expect(try !shelf.record(a).isMissing)
        }
    }

    @Test func withoutHashesThenWith() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let a = try folder.model("a.safetensors", 1, metadata: ["modelspec.title": "A title"])
            #expect(try shelf.scan(folder.models, hash: false).counts == ["files": 1, "new": 1])
            let listed = try shelf.record(a)
            #expect(listed.format == "safetensors")
            #expect(listed.hash("sha256") == nil)
            #expect(listed.civitaiStatus == "pending")
            _ = try shelf.update(a, [.notes("early")])
            #expect(try shelf.scan(folder.models, hash: false).counts == ["files": 1, "unchanged": 1])
            #expect(try shelf.scan(folder.models).counts == ["files": 1, "unchanged": 1, "hashed": 1, "pending": 1])
            #expect(try shelf.record(a).hash("sha256") != nil)
            #expect(try shelf.record(a).json["user"]?["notes"]?.string == "early")
        }
    }

    @Test func forced() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let a = try folder.model("a.safetensors", 1)
            _ = try shelf.scan(folder.models)
            let before = try shelf.update(a, [.notes("mine"), .tags(["a", "b"])])
            let report = try shelf.scan(folder.models, force: true)
            #expect(report.counts == ["files": 1, "unchanged": 1, "hashed": 1, "pending": 1])
            #expect(report.bytesHashed == before.size)
            #expect(try shelf.record(a).json == before.json)
        }
    }

    @Test func aSingleFile() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let a = try folder.model("a.safetensors", 1)
            let b = try folder.model("b.safetensors", 2)
            #expect(try shelf.scan(a).counts == ["files": 1, "new": 1, "hashed": 1, "pending": 1])
            #expect(try shelf.paths() == [a])
            #expect(try shelf.scan(a, b).counts == ["files": 2, "new": 1, "unchanged": 1, "hashed": 1, "pending": 2])
            #expect(try shelf.scan(folder.models).counts == ["files": 2, "unchanged": 2, "pending": 2])
            #expect(try shelf.scan(b).counts == ["files": 1, "unchanged": 1, "pending": 1])
        }
    }

    @Test func foldersGivenTwice() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            try folder.model("sub/a.safetensors", 1)
            try folder.model("sub/deep/c.safetensors", 3)
            try folder.model("b.safetensors", 2)
            let sub = folder["models/sub"]
            #expect(
                try shelf.scan(sub, folder.models, sub).counts == ["files": 3, "new": 3, "hashed": 3, "pending": 3])
            #expect(try shelf.scan(folder.models, sub).counts == ["files": 3, "unchanged": 3, "pending": 3])
            try folder.link("models/again", to: sub)
            #expect(
                try shelf.scan(folder["models/again"], folder.models).counts == [
                    "files": 3, "unchanged": 3, "pending": 3,
                ])
            folder.remove("models/sub/deep/c.safetensors")
            #expect(
                try shelf.scan(folder.models, sub).counts == ["files": 2, "unchanged": 2, "missing": 1, "pending": 2])
        }
    }

    @Test func namesOfAnyBytes() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let odd = FilePath(bytes: Array("models/".utf8) + [0x61, 0xff] + Array(".safetensors".utf8))
            let path = try folder.write(odd, safetensors(1))
            let (composed, decomposed) = (
                try folder.model("\u{e9}.safetensors", 2), try folder.model("e\u{301}.safetensors", 3)
            )
            #expect(try shelf.scan(folder.models).new == 3)
            #expect(try shelf.scan(folder.models).unchanged == 3)
            #expect(try shelf.paths() == [path, composed, decomposed])
            let record = try shelf.record(path)
            #expect(record.json["path"]?.string == path.display)
            #expect(record.json["path_bytes"]?.string == Base64.encode(path.bytes))
            let two = [try shelf.record(composed), try shelf.record(decomposed)]
            #expect(two[0].hash("sha256") != two[1].hash("sha256"))
            #expect(two[0].json["path_bytes"] == .null)
        }
    }

    @Test func filesThatAreNoModels() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let page = try folder.write("models/page.safetensors", "<!DOCTYPE html><html>not found</html>")
            let short = try folder.write("models/short.safetensors", Array(safetensors(1).dropLast(100)))
            try folder.write("models/empty.safetensors", "")
            for name in ["page", "short", "empty"] { try folder.touch("models/\(name).safetensors", 1_700_000_000) }
            let first = try shelf.scan(folder.models)
            #expect(first.files == 3)
            #expect(first.failed.count == 3)
            #expect(first.failed.contains { $0.path == page })
            #expect(first.failed.contains { $0.path == short && $0.code == .corruptFile })
            let second = try shelf.scan(folder.models)
            #expect(second.failed.map(\.path) == first.failed.map(\.path))
            #expect(second.hashed == 0)
            try folder.model("short.safetensors", 1)
            let third = try shelf.scan(folder.models)
            #expect(third.failed.count == 2)
            #expect(third.hashed == 1)
            #expect(try shelf.record(short).json["problem"] == .null)
        }
    }

    @Test func whatCannotBeScanned() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            for (places, code) in [([], ErrorCode.usage), ([folder["none"]], .notFound)] {
                let error = failure { () throws(ShelfError) in
                    _ = try shelf.scan(ScanRequest(folders: places.map { ScanRequest.Folder(path: $0) }))
                }
                #expect(error?.code == code)
            }
        }
    }

    @Test func cancelledKeepsWhatWasDone() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            for number in 0..<200 { try folder.model("m\(number).safetensors", UInt8(number)) }
            var request = ScanRequest(folders: [ScanRequest.Folder(path: folder.models)])
            request.lookup = false
            let error = failure { () throws(ShelfError) in _ = try shelf.scan(request) { $0.phase != .reading } }
            #expect(error?.code == .cancelled)
            let cancellation = Cancellation()
            cancellation.cancel()
            #expect(
                failure { () throws(ShelfError) in _ = try shelf.scan(request, cancellation: cancellation) }?.code
                    == .cancelled)
            let report = try shelf.scan(folder.models)
            #expect(report.files == 200)
            #expect(report.pending == 200)
            #expect(report.new + report.unchanged == 200)
        }
    }

    @Test func progressOnTheCallersThread() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let a = try folder.write("models/large.safetensors", safetensors(1, count: 3 << 20))
            var request = ScanRequest(folders: [ScanRequest.Folder(path: folder.models)])
            request.lookup = false
            var phases: [ScanProgress.Phase] = []
            var last = ScanProgress()
            _ = try shelf.scan(request) { progress in
                if phases.last != progress.phase { phases.append(progress.phase) }
                last = progress
                return true
            }
            #expect(phases.first == .finding)
            #expect(phases.last == .done)
            #expect(last.bytes == (try FileIdentity.of(a).get().size))
        }
    }

    /// Two shelves of one database scan at once: each file is hashed by one of them.
    /// Small ones several at once, those above a mebibyte block by block, whatever the number of threads.
    @Test(arguments: [1, 2, 5]) func filesOfEverySize(jobs: Int) throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            var sizes: [FilePath: Int] = [:]
            for (index, size) in [0, 1, 55, 64, 4096, 65_537, 1 << 20, (1 << 20) + 1, 1_500_000].enumerated() {
                for copy in 0..<3 {
                    let name = "models/\(index)-\(copy).safetensors"
                    let path = try folder.write(name, safetensors(UInt8(10 * copy + index), count: size))
                    sizes[path] = size
                }
            }
            var request = ScanRequest(folders: [ScanRequest.Folder(path: folder.models)])
            request.lookup = false
            request.jobs = jobs
            let report = try shelf.scan(request)
            #expect(report.hashed == sizes.count)
            #expect(report.failed.isEmpty)
            for path in sizes.keys {
                let wanted = try FileTools.hash([path], algorithms: ["all"])["files"]?[0]?["hashes"]?.object
                let record = try shelf.record(path)
                for (name, value) in try #require(wanted).members {
                    #expect(record.hash(name) == value.string, "\(path) \(name)")
                }
            }
        }
    }

    @Test func twoScansShareTheWork() throws {
        try Folder.use { folder in
            for number in 0..<120 { try folder.model("m\(number).safetensors", UInt8(number)) }
            let shelf = try folder.openShelf()
            let total = Locked<[Result<ScanReport, ShelfError>]>([])
            let threads = (0..<2).compactMap { _ in
                ThreadHandle.start {
                    var request = ScanRequest(folders: [ScanRequest.Folder(path: folder.models)])
                    request.lookup = false
                    let result = Result { [request] () throws(ShelfError) in try shelf.scan(request) }
                    total.withLock { $0.append(result) }
                }
            }
            for thread in threads { thread.join() }
            let reports = try total.withLock { $0 }.map { try $0.get() }
            #expect(reports.map(\.files) == [120, 120])
            #expect(reports.reduce(0) { $0 + $1.hashed } == 120)
            #expect(reports.allSatisfy { $0.pending == 120 && $0.failed.isEmpty })
            #expect(try shelf.list().total == 120)
        }
    }
    @Test func aFileWithAnOldProblemThatVanishesIsNoFailure() throws {
        try Folder.use { folder in
            let shelf = try folder.openShelf()
            let path = try folder.write("models/z.safetensors", safetensors(1, count: 9000))
            try folder.touch("models/z.safetensors", 1_700_000_000)
            _ = try shelf.scan(folder.models, hash: false)
            try shelf.store.write { (connection) throws(ShelfError) in
                guard let id = try connection.int("SELECT id FROM location") else { return }
                try connection.setProblem(id, ShelfError(.fileChanged, "it changed"), stage: .found)
            }
            // Enough smaller files that it is not read before the first call.
            for number in 0..<150 { try folder.model("m\(number).safetensors", UInt8(number)) }
            var request = ScanRequest(folders: [ScanRequest.Folder(path: folder.models)])
            request.lookup = false
            let report = try shelf.scan(request) { progress in
                if progress.phase == .reading { folder.remove("models/z.safetensors") }
                return true
            }
            #expect(report.failed.isEmpty)
            #expect(report.hashed == 150)
            #expect(try shelf.record(path).isMissing)
        }
    }
}
