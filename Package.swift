// swift-tools-version: 6.2
import PackageDescription

// The order of the targets is the order of the house: each knows only those above it.
// Link flags of the shared library live in scripts/build-lib.sh, so that other packages can depend on this one.
let package = Package(
    name: "modelshelf",
    products: [
        .library(name: "ModelShelf", targets: ["ModelShelf"]),
        .library(name: "modelshelf-c", type: .dynamic, targets: ["ModelShelfC"]),
        .executable(name: "modelshelf", targets: ["modelshelf"]),
    ],
    targets: [
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CModelShelf", path: "bridge/include"),

        .target(name: "CSystem"),
        .target(name: "CHashKernels"),
        .target(name: "ShelfBase", dependencies: ["CSystem"]),
        .target(name: "ShelfHashing", dependencies: ["ShelfBase", "CHashKernels", "CCrypto"]),
        .target(name: "ShelfFormats", dependencies: ["ShelfBase"]),
        .target(name: "ShelfIdentify", dependencies: ["ShelfBase", "ShelfFormats"]),
        .target(name: "ShelfStore", dependencies: ["ShelfBase", "CSQLite", "CZlib"]),
        .target(name: "ShelfSidecars", dependencies: ["ShelfBase", "CSystem"]),
        .target(name: "ShelfWatch", dependencies: ["ShelfBase", "ShelfFormats", "CSystem"]),
        .target(
            name: "ShelfCivitai", dependencies: ["ShelfBase", "ShelfHashing", "ShelfFormats", "CSystem", "CCurl"]),
        .target(
            name: "ModelShelf",
            dependencies: [
                "ShelfBase", "ShelfHashing", "ShelfFormats", "ShelfIdentify", "ShelfStore", "ShelfSidecars",
                "ShelfWatch", "ShelfCivitai",
            ]),
        // The CPython extension once more, for the interpreter inside the command line: against a stand-in for Python.h.
        .target(
            name: "CPythonHost", path: "bridge", exclude: ["abi", "include", "tests"], sources: ["embed", "python"],
            publicHeadersPath: "embed/include",
            cSettings: [.headerSearchPath("embed/standin"), .headerSearchPath("include")]),
        .target(name: "ShelfCLI", dependencies: ["ModelShelf", "ShelfBase", "ModelShelfC", "CPythonHost"]),
        .executableTarget(name: "modelshelf", dependencies: ["ShelfCLI"]),
        .target(
            name: "ModelShelfC", dependencies: ["ModelShelf", "ShelfBase", "CModelShelf"], path: "bridge/abi",
            exclude: ["modelshelf.map"]),

        .target(name: "ShelfTestSupport", dependencies: ["ShelfBase"], path: "Tests/Support"),
        .testTarget(name: "ShelfBaseTests", dependencies: ["ShelfBase", "ShelfTestSupport"]),
        .testTarget(
            name: "ShelfHashingTests", dependencies: ["ShelfHashing", "CHashKernels", "CZlib", "ShelfTestSupport"]),
        .testTarget(name: "ShelfFormatsTests", dependencies: ["ShelfFormats"]),
        .testTarget(name: "ShelfIdentifyTests", dependencies: ["ShelfIdentify"]),
        .testTarget(name: "ShelfStoreTests", dependencies: ["ShelfStore", "CSQLite", "ShelfTestSupport"]),
        .testTarget(name: "ShelfSidecarsTests", dependencies: ["ShelfSidecars", "ShelfTestSupport"]),
        .testTarget(name: "ShelfWatchTests", dependencies: ["ShelfWatch", "ModelShelf", "ShelfTestSupport"]),
        .testTarget(name: "ShelfCivitaiTests", dependencies: ["ShelfCivitai", "ShelfHashing"]),
        .testTarget(name: "ModelShelfTests", dependencies: ["ModelShelf", "ShelfTestSupport"]),
        .testTarget(name: "ShelfCLITests", dependencies: ["ShelfCLI", "ShelfTestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets
where target.type != .system && !["CSystem", "CHashKernels", "CPythonHost"].contains(target.name) {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .treatAllWarnings(as: .error),
    ]
}

// The fuzzers need a sanitizer's runtime, which nothing else should be built with: scripts/fuzz.sh asks for them.
if Context.environment["FUZZ"] == "1" {
    package.targets += [
        .target(name: "FuzzDriver", path: "Tests/Fuzz/Driver"),
        .executableTarget(
            name: "modelshelf-fuzz",
            dependencies: ["FuzzDriver", "ModelShelf", "ShelfBase", "ShelfCivitai", "ShelfFormats", "ShelfIdentify"],
            path: "Tests/Fuzz/Targets"),
    ]
}
