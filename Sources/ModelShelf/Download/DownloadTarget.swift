internal import ShelfBase
internal import ShelfCivitai

/// What a person meant by a word, as a plan of a download, with what Civitai says of the file.
struct DownloadTarget {
    let plan: DownloadPlan
    var candidate: VersionChoice.Candidate?
    /// The model's type, in Civitai's words.
    var type: String? { candidate.flatMap { $0.model?.type ?? $0.version.modelType } }
}

/// Finds out what is to be downloaded.
struct DownloadResolver {
    let client: CivitaiClient
    let cancellation: Cancellation

    func resolve(_ request: DownloadRequest) throws(ShelfError) -> DownloadTarget {
        switch try Self.meaning(request.what, base: client.configuration.base) {
        case .huggingFace(let file):
            guard request.file == nil, request.type == nil else {
                throw ShelfError(
                    .usage, "an address on Hugging Face names one file: there is nothing to choose",
                    hint: "leave out --file and --type")
            }
            var plan = try file.plan(key: request.huggingFaceToken)
            if !request.verify { plan.sha256 = nil }
            return DownloadTarget(plan: plan)
        case .civitai(let reference): return try target(request, reference)
        }
    }

    /// Fails for a text that names nothing which can be downloaded, without asking anybody.
    static func check(_ what: String) throws(ShelfError) { _ = try meaning(what) }

    private enum Meaning {
        case civitai(CivitaiReference)
        case huggingFace(HuggingFaceFile)
    }

    private static func meaning(_ what: String, base: HTTPURL? = nil) throws(ShelfError) -> Meaning {
        if HuggingFaceFile.isAddress(what) {
            guard let file = HuggingFaceFile(what) else {
                throw ShelfError(
                    .usage, "the address names no file on Hugging Face: \(Redaction.text(what))",
                    hint: "take the address of a file's page, with /blob/ in it, or its download link")
            }
            return .huggingFace(file)
        }
        guard let reference = CivitaiReference.parse(what, base: base) else {
            if let page = UnusablePage.words(what) {
                throw ShelfError(.usage, "\(page.message): \(Redaction.text(what))", hint: page.hint)
            }
            throw ShelfError(
                .usage, "nothing that can be downloaded: \(Redaction.text(what))",
                hint: "give a Civitai URL or AIR, model:ID, version:ID, a hash, or a file's address on Hugging Face")
        }
        return .civitai(reference)
    }

    private func target(_ request: DownloadRequest, _ reference: CivitaiReference) throws(ShelfError) -> DownloadTarget
    {
        let candidate = try candidate(reference)
        let version = candidate?.version
        guard let versionID = version?.id ?? reference.versionID else {
            throw ShelfError(
                .notFound, "Civitai has nothing of that name: \(Redaction.text(request.what))",
                hint: "check the number; a model that was taken down is not shown")
        }
        let wanted = request.file ?? (request.type == nil ? reference.fileID : nil)
        let wish = wanted == nil && request.type == nil ? reference.file : nil
        let file = try file(of: candidate, wanted, request.type, wish, hash: reference.hash)
        let address = client.addresses.download(versionID: versionID, fileID: file?.id ?? wanted, wish: wish)
        var sources = [source(address)]
        var key = "civitai:\(versionID)"
        if let id = file?.id ?? wanted {
            key += "/\(id)"
        } else if let wish {
            key += "/" + wish.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        }
        if let file { sources += others(file, versionID) }
        let size = file?.sizeKB.flatMap { Int64(exactly: ($0 * 1024).rounded()) }
        let plan = DownloadPlan(
            sources: sources, sha256: request.verify ? file?.sha256 : nil, size: size,
            name: file.map { $0.name ?? Self.nameless($0, versionID) }, key: key)
        return DownloadTarget(plan: plan, candidate: candidate)
    }

    private func source(_ url: HTTPURL) -> DownloadSource {
        let configuration = client.configuration
        return DownloadSource(.civitai, url, token: configuration.token, base: configuration.base.origin)
    }

    // MARK: The version

    private func candidate(_ reference: CivitaiReference) throws(ShelfError) -> VersionChoice.Candidate? {
        if let hash = reference.hash, reference.versionID == nil {
            if let version = try client.version(hash: hash, cancellation: cancellation) { return try whole(version) }
            guard reference.number != nil else { return nil }
        }
        if let id = reference.versionID {
            // An unrated version is not shown by its id; its model shows it.
            if let version = try client.version(id, cancellation: cancellation) { return try whole(version) }
            guard let model = try reference.modelID.flatMap(model), let version = model.version(id) else { return nil }
            return VersionChoice.Candidate(model: model, version: version)
        }
        guard let id = reference.modelID ?? reference.number else {
            throw ShelfError(
                .usage, "a picture, a post or the number of a file does not say which model is meant",
                hint: "name the model or a version; modelshelf lookup tells what a picture was made with")
        }
        if let model = try model(id), let version = model.versions.first {
            return VersionChoice.Candidate(model: model, version: version)
        }
        guard let number = reference.number else { return nil }
        guard let version = try client.version(number, cancellation: cancellation) else { return nil }
        return try whole(version)
    }

    private func model(_ id: Int64) throws(ShelfError) -> CivitaiModel? {
        if let model = try client.models(ids: [id], cancellation: cancellation).first { return model }
        return try client.model(id, cancellation: cancellation)
    }

    /// A version with its model, which tells creator, tags and licence. The version itself is kept as it came: it alone
    /// lists the files of the components that it links.
    private func whole(_ version: CivitaiVersion) throws(ShelfError) -> VersionChoice.Candidate {
        let model = try version.modelID.flatMap { (id) throws(ShelfError) in
            try client.models(ids: [id], cancellation: cancellation).first
        }
        return VersionChoice.Candidate(model: model, version: version)
    }

    // MARK: The file

    private func file(
        of candidate: VersionChoice.Candidate?, _ id: Int64?, _ type: String?, _ wish: FileWish?,
        hash: String?
    ) throws(ShelfError) -> CivitaiFile? {
        guard let candidate else { return nil }
        let twin = candidate.model?.version(candidate.version.id)
        var files = candidate.version.files
        for file in twin?.files ?? [] where !files.contains(where: { $0.id == file.id }) { files.append(file) }
        if let id {
            // One that is not listed may be had all the same; the service decides.
            return files.first { $0.id == id }
        }
        if let type {
            let wanted = Spelling.plain(type)
            guard let file = files.first(where: { Spelling.plain($0.type ?? "") == wanted }) else {
                let kinds = Set(files.compactMap(\.type)).sorted().joined(separator: ", ")
                throw ShelfError(
                    .notFound, "the version has no file of the kind \(type)",
                    hint: kinds.isEmpty ? nil : "it has: \(kinds)")
            }
            return file
        }
        if let wish, !files.isEmpty {
            guard let file = wish.choose(files) else {
                throw ShelfError(
                    .notFound, "the version has no file such as the address asks for",
                    hint: "it has: " + files.map(Self.description).joined(separator: "; "))
            }
            return file
        }
        if let hash, let file = files.first(where: { $0.has(hash: hash) }) { return file }
        return candidate.version.primaryFile ?? twin?.primaryFile
    }

    /// A name for a file whose record has none; without its ending no program would take it for a model.
    private static func nameless(_ file: CivitaiFile, _ versionID: Int64) -> String {
        let endings = ["safetensor": ".safetensors", "pickletensor": ".ckpt", "gguf": ".gguf"]
        return "civitai-\(versionID)-\(file.id)" + (endings[Spelling.plain(file.format ?? "")] ?? "")
    }

    /// `VAE SafeTensor full fp16, --file 503`
    private static func description(_ file: CivitaiFile) -> String {
        let words = [file.type, file.format, file.variant, file.precision, file.quantization].compactMap { $0 }
        return words.joined(separator: " ") + ", --file \(file.id)"
    }

    /// The service's own address of the file, for when its number leads nowhere, and the copies that the record lists.
    private func others(_ file: CivitaiFile, _ versionID: Int64) -> [DownloadSource] {
        var sources: [DownloadSource] = []
        let base = client.configuration.base
        if let text = file.raw["downloadUrl"]?.string, let url = HTTPURL(text), url.path.hasPrefix("/api/download/") {
            // One route gives these with the host `undefined`; only the path is believed.
            let path = base.target == "/" ? "" : base.target
            sources.append(source(HTTPURL(origin: base.origin, target: path + url.target)))
        }
        for mirror in file.raw["mirrors"]?.array ?? [] {
            guard let text = mirror.string ?? mirror["url"]?.string, let url = HTTPURL(text) else { continue }
            let copy = DownloadSource(.mirror, url, base: base.origin)
            if copy.allowsItself { sources.append(copy) }
        }
        return sources
    }
}
