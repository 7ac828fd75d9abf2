import ShelfBase
import Testing

@testable import ShelfCivitai

struct BrowseTests {
    private static func query(
        _ kind: BrowseKind, _ filters: [(String, [String])], limit: Int? = nil
    ) throws -> BrowseQuery {
        try BrowseQuery(kind, filters: filters.map { (name: $0.0, values: $0.1) }, limit: limit)
    }

    private static func sent(_ kind: BrowseKind, _ filters: [(String, [String])]) throws -> [String] {
        try query(kind, filters).parameters.map { "\($0.0)=\($0.1)" }
    }

    @Test func namesInEverySpelling() throws {
        for name in ["modelVersionId", "model_version_id", "model-version-id", "version_id"] {
            #expect(try Self.sent(.images, [(name, ["5"])]) == ["modelVersionId=5", "browsingLevel=1"])
        }
    }

    @Test func asTheServiceWantsThem() throws {
        #expect(
            try Self.sent(.models, [("types", ["LORA,VAE", "DoRA"])]) == ["types=LORA", "types=VAE", "types=DoRA"])
        #expect(try Self.sent(.models, [("fileFormats", ["gguf"])]) == ["fileFormats=GGUF", "fileFormats=GGUF"])
        #expect(try Self.sent(.models, [("archived", ["false"])]) == [])
        #expect(try Self.sent(.models, [("archived", ["true"])]) == ["archived=true"])
        #expect(try Self.sent(.models, [("nsfw", ["true"])]) == ["nsfw=true"])
        #expect(try Self.sent(.models, [("nsfw", ["pg"])]) == [])
        #expect(try Self.sent(.models, [("sort", ["most_downloaded"])]) == ["sort=Most Downloaded"])
        #expect(
            try Self.sent(.images, [("withMeta", ["true"])])
                == ["withMeta=true", "flatMeta=true", "browsingLevel=1"])
        #expect(try Self.sent(.images, [("nsfw", ["true"])]) == ["browsingLevel=31"])
        #expect(try Self.sent(.images, [("nsfw", ["Mature"])]) == ["browsingLevel=7"])
        #expect(try Self.sent(.images, [("browsing_level", ["12"])]) == ["browsingLevel=12"])
    }

    @Test func blanksAndSpellingsAreForgiven() throws {
        #expect(try Self.sent(.models, [("ids", ["1, 2", " 3"])]) == ["ids=1,2,3"])
        #expect(
            try Self.sent(.models, [("baseModels", ["sdxl 1.0, PONY"]), ("types", ["lora , VAE"])])
                == ["baseModels=SDXL 1.0", "baseModels=Pony", "types=lora", "types=VAE"])
        #expect(try Self.sent(.images, [("baseModels", ["sdxl-1.0,flux.1 d"])]).first == "baseModels=SDXL 1.0,Flux.1 D")
        #expect(try Self.sent(.models, [("baseModels", ["Not Known Yet"])]) == ["baseModels=Not Known Yet"])
    }

    @Test func privateModelsAreOfOnePerson() throws {
        let error = #expect(throws: ShelfError.self) { try Self.sent(.models, [("availability", ["private"])]) }
        #expect(error?.code == .usage && error?.hint?.contains("username") == true)
        #expect(
            try Self.sent(.models, [("availability", ["private"]), ("username", ["me"])])
                == ["availability=Private", "username=me"])
    }

    @Test func cursorsOfAnyNumber() throws {
        for (sent, wanted) in [("42", "42"), ("1.5", "1.5"), ("\"a b\"", "a b")] {
            var walk = BrowseWalk(try Self.query(.models, []))
            _ = try walk.take(json(#"{"items":[{"id":1}],"metadata":{"nextCursor":\#(sent)}}"#))
            #expect(!walk.isAtEnd && walk.parameters.contains { $0 == ("cursor", wanted) }, "\(sent)")
        }
    }

    @Test(arguments: BrowseFilters.table.map(\.name).filter { _ in true })
    func theTableHasNoNameTwice(_ name: String) {
        for kind in BrowseKind.allCases {
            #expect(BrowseFilters.table.filter { $0.kind == kind && $0.name == name }.count <= 1)
        }
    }

    @Test func everyRefusalSaysWhy() throws {
        for filter in BrowseFilters.table {
            guard case .refused(let reason) = filter.rule else { continue }
            let error = #expect(throws: ShelfError.self) { try Self.query(filter.kind, [(filter.name, ["1"])]) }
            #expect(error?.code == .usage && error?.message.contains(reason) == true)
        }
    }

    @Test func aWalkEndsWhenTheCursorComesAgain() throws {
        var walk = BrowseWalk(try Self.query(.models, []))
        #expect(
            try walk.take(json(#"{"items":[{"id":1},null,{"id":2}],"metadata":{"nextCursor":"a|1 2"}}"#)).count == 2)
        #expect(walk.parameters.contains { $0 == ("cursor", "a|1 2") } && !walk.isAtEnd)
        #expect(try walk.take(json(#"{"items":[{"id":2},{"id":3}],"metadata":{"nextCursor":"b"}}"#)).count == 1)
        #expect(try walk.take(json(#"{"items":[],"metadata":{"nextCursor":"c"}}"#)).isEmpty && !walk.isAtEnd)
        #expect(try walk.take(json(#"{"items":[{"id":4}],"metadata":{"nextCursor":"b"}}"#)).count == 1)
        #expect(walk.isAtEnd)
    }

    @Test func endlessEmptyPagesEnd() throws {
        var walk = BrowseWalk(try Self.query(.models, []))
        var number = 0
        while !walk.isAtEnd, number < 1000 {
            number += 1
            _ = try walk.take(json(#"{"items":[{"id":1}],"metadata":{"nextCursor":"\#(number)"}}"#))
        }
        #expect(number < 30)
    }

    @Test func numberedPagesEndWithAnEmptyOne() throws {
        var walk = BrowseWalk(try Self.query(.tags, []))
        #expect(walk.parameters.contains { $0 == ("page", "1") })
        _ = try walk.take(json(#"{"items":[{"name":"a"}],"metadata":{"totalPages":1}}"#))
        #expect(!walk.isAtEnd && walk.parameters.contains { $0 == ("page", "2") })
        _ = try walk.take(json(#"{"items":[],"metadata":{"totalPages":1}}"#))
        #expect(walk.isAtEnd)
    }

    @Test func limitsAreOfItemsThatFit() throws {
        let query = try Self.query(.models, [("allow_derivatives", ["true"])], limit: 2)
        #expect(query.pageSize == 100)
        var walk = BrowseWalk(query)
        let items = try walk.take(
            json(
                #"""
                {"items":[{"id":1,"allowDerivatives":false},{"id":2,"allowDerivatives":true},{"id":3},
                {"id":4,"allowDerivatives":true},{"id":5,"allowDerivatives":true}],"metadata":{"nextCursor":"x"}}
                """#))
        #expect(items.compactMap { $0["id"]?.int } == [2, 4] && walk.isAtEnd)
        #expect(try Self.query(.models, [], limit: 7).pageSize == 7)
        #expect(BrowseWalk(try Self.query(.models, [], limit: 0)).isAtEnd)
    }

    @Test func anUnknownTagIsNoTag() throws {
        var walk = BrowseWalk(try Self.query(.models, [("tag", ["Castle"])]))
        #expect(throws: ShelfError.self) {
            try walk.take(json(#"{"items":[{"id":1,"tags":["sea"]}],"metadata":{}}"#))
        }
        walk = BrowseWalk(try Self.query(.models, [("tag", ["Castle"])]))
        #expect(try walk.take(json(#"{"items":[{"id":1,"tags":["castle"]}],"metadata":{}}"#)).count == 1)
    }
}
