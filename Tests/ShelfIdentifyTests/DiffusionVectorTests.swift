import ShelfBase
import ShelfFormats
import ShelfIdentify
import Testing

@Suite struct DiffusionVectorTests {
    @Test func everyVector() throws {
        let cases = try Vectors.load("diffusion-headers.json")["cases"]?.array ?? []
        #expect(cases.count >= 34)
        for item in cases {
            let id = try #require(item["id"]?.string)
            let tensors = Vectors.tensors(item["header"])
            let answer = Identifier.identify(Vectors.header(tensors), name: FilePath("x.safetensors"))
            #expect(answer.architecture == item["expected"]?[0]?.string, "\(id)")
            #expect(answer.variant == item["expected"]?[1]?.string, "\(id)")
            let isCheckpoint = item["prefix"]?.string == "model.diffusion_model."
            #expect(answer.type == (isCheckpoint ? .checkpoint : .unet), "\(id)")
        }
    }

    /// A prefix changes nothing.
    @Test(arguments: ["", "model.diffusion_model.", "model.", "net.", "transformer.", "diffusion_model.", "module."])
    func prefixes(_ prefix: String) throws {
        let cases = try Vectors.load("diffusion-headers.json")["cases"]?.array ?? []
        for item in cases {
            let id = try #require(item["id"]?.string)
            let own = item["prefix"]?.string ?? ""
            let tensors = Vectors.tensors(item["header"]).map { tensor in
                let name = tensor.displayName
                let renamed = name.hasPrefix(own) ? prefix + name.dropFirst(own.count) : name
                return Tensor(name: Array(renamed.utf8), type: tensor.type, shape: tensor.shape)
            }
            let answer = Identifier.identify(Vectors.header(tensors), name: FilePath("x.safetensors"))
            #expect(answer.architecture == item["expected"]?[0]?.string, "\(id) with \(prefix)")
            #expect(answer.variant == item["expected"]?[1]?.string, "\(id) with \(prefix)")
        }
    }
}
