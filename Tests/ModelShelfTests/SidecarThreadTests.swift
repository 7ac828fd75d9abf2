import ModelShelf
import ShelfBase
import ShelfTestSupport
import Testing

@Suite struct SidecarThreadTests {
    /// Eight threads on one shelf write, read and scan at once; nothing that was written is lost.
    @Test func manyThreadsLoseNothing() throws {
        try Folder.use { folder in
            let header = #"{"weight":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#
            let length = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> ($0 * 8)) }
            let model = try folder.write("models/x.safetensors", length + Array(header.utf8) + [1, 2, 3, 4])
            let shelf = try Shelf.open(database: folder["shelf.db"], offline: true)
            defer { shelf.close() }
            let models = folder["models"]
            let failures = Locked<[ShelfError]>([])
            let threads = (0..<8).compactMap { thread in
                ThreadHandle.start {
                    do throws(ShelfError) {
                        for number in 0..<10 {
                            _ = try shelf.writeSidecar(model, Array(#"{"\#(thread)-\#(number)": \#(number)}"#.utf8))
                            _ = try shelf.readSidecar(model)
                            _ = try shelf.storedHash(model, "sha256")
                            if number == 5 {
                                var request = ScanRequest(folders: [ScanRequest.Folder(path: models)])
                                request.lookup = false
                                request.sidecars = ["server"]
                                request.jobs = 2
                                _ = try shelf.scan(request)
                            }
                        }
                    } catch {
                        failures.withLock { $0.append(error) }
                    }
                }
            }
            #expect(threads.count == 8)
            for thread in threads { thread.join() }
            #expect(failures.withLock { $0.map(\.description) } == [])
            let text = String(decoding: try #require(try shelf.readSidecar(model)), as: UTF8.self)
            for thread in 0..<8 {
                for number in 0..<10 { #expect(text.contains(#""\#(thread)-\#(number)": \#(number)"#)) }
            }
            #expect(text.contains(#""hash_type": "AUTOV2""#))
        }
    }
}
