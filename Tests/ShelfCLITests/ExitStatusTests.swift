import ShelfBase
import Testing

@testable import ShelfCLI

struct ExitStatusTests {
    @Test(
        "What all outcomes together answer with",
        arguments: [
            ([], 0),
            ([.done], 0),
            ([.done, .failed(.corruptFile)], 1),
            ([.failed(.corruptFile)], 1),
            ([.failed(.notFound)], 3),
            ([.failed(.notFound), .failed(.gone)], 3),
            ([.done, .failed(.notFound)], 1),
            ([.failed(.notFound), .failed(.unreadable)], 3),
            ([.done, .itemFailed(.notFound)], 1),
            ([.itemFailed(.notFound)], 1),
            ([.itemFailed(.network)], 1),
            ([.done, .failed(.network)], 4),
            ([.failed(.network), .failed(.notFound), .failed(.unreadable)], 4),
            ([.failed(.usage), .failed(.network)], 2),
            ([.failed(.storeBusy), .failed(.usage)], 5),
            ([.itemFailed(.storeError), .done], 5),
            ([.ended(.cancelled), .failed(.storeError), .failed(.usage), .failed(.network)], 130),
            ([.itemFailed(.cancelled), .done], 130),
            ([.done, .ended(.notFound)], 3),
            ([.ended(.ambiguous)], 3),
            ([.ended(.noSpace)], 5),
            ([.ended(ErrorCode(rawValue: "of_a_newer_library"))], 1),
        ] as [([Outcome], Int32)])
    func table(outcomes: [Outcome], status: Int32) {
        #expect(ExitStatus.exitStatus(of: outcomes) == status)
        #expect(ExitStatus.exitStatus(of: outcomes.reversed()) == status)
    }

    @Test("Every error that ends a command answers with its row of the table")
    func rows() {
        for row in ErrorCode.table {
            #expect(ExitStatus.exitStatus(of: [.ended(row.code)]) == row.exitStatus)
        }
    }

    @Test("The manual names every status that the table of errors has")
    func manual() {
        let named = Set(ExitStatusText.rows.map(\.status))
        #expect(Set(ErrorCode.table.map(\.exitStatus)).isSubset(of: named))
    }
}
