internal import ModelShelf
internal import ShelfBase

/// Foreign arguments, checked.
enum Arguments {
    static func invalid(_ message: String) -> ShelfError { ShelfError(.usage, message) }

    /// A pointer that the caller must give.
    static func required<Value>(
        _ pointer: UnsafeMutablePointer<Value>?, _ name: String
    ) throws(ShelfError) -> UnsafeMutablePointer<Value> {
        guard let pointer else { throw invalid("\(name) is NULL") }
        return pointer
    }

    static func path(_ bytes: UnsafePointer<CChar>?, _ name: String) throws(ShelfError) -> FilePath {
        guard let bytes else { throw invalid("\(name) is NULL") }
        return optionalPath(bytes) ?? FilePath("")
    }

    static func optionalPath(_ bytes: UnsafePointer<CChar>?) -> FilePath? {
        guard let bytes else { return nil }
        var length = 0
        while bytes[length] != 0 { length += 1 }
        return FilePath(bytes: UnsafeRawBufferPointer(start: bytes, count: length))
    }

    /// A path from JSON, as a text or as base64 of its bytes. One with NUL in it would lead to what stands before that.
    static func path(text: String?, encoded: String?, _ name: String) throws(ShelfError) -> FilePath? {
        guard
            let bytes = try encoded.map({ (encoded) throws(ShelfError) -> [UInt8] in
                guard let bytes = Base64.decode(encoded) else { throw invalid("\(name)_bytes is not base64") }
                return bytes
            }) ?? text.map({ Array($0.utf8) })
        else { return nil }
        guard !bytes.contains(0) else { throw invalid("\(name) holds a NUL, which no path can have") }
        return FilePath(bytes: bytes)
    }

    static func paths(
        _ list: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int
    ) throws(ShelfError) -> [FilePath] {
        guard count > 0 else {
            if count == 0 { return [] }
            throw invalid("the number of paths is not possible")
        }
        guard let list else { throw invalid("paths is NULL") }
        var paths: [FilePath] = []
        for index in 0..<count { paths.append(try path(list[index], "a path")) }
        return paths
    }

    static func text(_ bytes: UnsafePointer<CChar>?, _ name: String) throws(ShelfError) -> String {
        guard let text = try optionalText(bytes, name) else { throw invalid("\(name) is NULL") }
        return text
    }

    static func optionalText(_ bytes: UnsafePointer<CChar>?, _ name: String) throws(ShelfError) -> String? {
        guard let bytes else { return nil }
        guard let text = String(validatingCString: bytes) else { throw invalid("\(name) is not UTF-8") }
        return text
    }

    static func shelf(_ handle: OpaquePointer?) throws(ShelfError) -> Shelf {
        guard case .shelf(let shelf)? = Bridge.current.handles.find(handle) else {
            throw ShelfError(
                .usage, "this is not an open shelf of this process",
                hint: "open it again after it was closed, and in the child after a fork")
        }
        return shelf
    }

    static func watch(_ handle: OpaquePointer?) throws(ShelfError) -> Watch {
        guard case .watch(let watch)? = Bridge.current.handles.find(handle) else {
            throw ShelfError(
                .usage, "this is not a watch of this process",
                hint: "start one anew after it was freed, and in the child after a fork")
        }
        return watch
    }

    /// The flag of a token; one of its own for NULL.
    static func cancellation(_ handle: OpaquePointer?) throws(ShelfError) -> Cancellation {
        guard let handle else { return Cancellation() }
        guard case .cancellation(let cancellation)? = Bridge.current.handles.find(handle) else {
            throw invalid("this is not a cancel token of this process")
        }
        return cancellation
    }
}

/// Where a C caller wants a text.
typealias TextOut = UnsafeMutablePointer<OpaquePointer?>

extension TextOut {
    func give(_ document: JSONObject) throws(ShelfError) {
        pointee = try Bridge.current.handles.add(.text(CText(JSONValue.object(document).bytes())))
    }

    /// As `page.json`, with a line for each record: no value holds a line break, so that who wants one record after
    /// another need not parse all.
    func give(_ page: ModelPage) throws(ShelfError) {
        var bytes = Array("{\"models\":[\n".utf8)
        for (index, model) in page.models.enumerated() {
            bytes += JSONValue.object(model.json).bytes()
            bytes += Array((index + 1 < page.models.count ? ",\n" : "\n").utf8)
        }
        bytes += Array("],\"total\":\(page.total)}".utf8)
        pointee = try Bridge.current.handles.add(.text(CText(bytes)))
    }
}

/// Writes a short text into a caller's buffer.
func copy(_ text: String, to buffer: UnsafeMutablePointer<CChar>, capacity: Int) throws(ShelfError) {
    guard capacity > text.utf8.count else {
        throw Arguments.invalid("the buffer is too small, \(text.utf8.count + 1) bytes are needed")
    }
    var end = 0
    for byte in text.utf8 {
        buffer[end] = CChar(bitPattern: byte)
        end += 1
    }
    buffer[end] = 0
}
