import Glibc
import ShelfBase
import Testing

@Suite struct ShelfErrorTests {
    @Test func descriptionNamesPathAndRemedyOnce() {
        #expect(ShelfError(.notFound, "no such thing").description == "no such thing")
        let error = ShelfError(.unreadable, "cannot read it", path: FilePath("/a"), hint: "try again")
        #expect(error.description == "/a: cannot read it (try again)")
        #expect(ShelfError(.unreadable, "/a is odd", path: FilePath("/a")).description == "/a is odd")
    }

    @Test func documentHasEveryKey() {
        #expect(
            JSONValue.object(ShelfError(.gone, "m").json).text()
                == #"{"code":"gone","message":"m","path":null,"hint":null}"#)
        let error = ShelfError(
            .ambiguous, "m", path: FilePath(bytes: [0x61, 0xff]), hint: "h", candidates: ["a", "b"])
        #expect(
            JSONValue.object(error.json).text()
                == "{\"code\":\"ambiguous\",\"message\":\"m\",\"path\":\"a\u{fffd}\",\"hint\":\"h\",\"candidates\":[\"a\",\"b\"]}"
        )
    }

    @Test(arguments: [
        (ENOENT, ErrorCode.notFound), (ENOTDIR, .notFound), (ENOSPC, .noSpace), (EDQUOT, .noSpace),
        (EACCES, .unreadable), (EPERM, .unreadable), (EIO, .unreadable),
    ])
    func systemErrors(number: Int32, code: ErrorCode) {
        let error = ShelfError.system(number, "read it", FilePath("/x"))
        #expect(error.code == code)
        #expect(error.message.hasPrefix("cannot read it: "))
        #expect(error.path == FilePath("/x"))
    }
}
