import Glibc
import ShelfBase
import Testing

@Suite struct AccountHomeTests {
    @Test func theSystemKnowsTheUsersHome() throws {
        let home = try #require(Environment.accountHome())
        #expect(home.isAbsolute)
        #expect(home.display == String(cString: try #require(getpwuid(geteuid())).pointee.pw_dir))
    }
}
