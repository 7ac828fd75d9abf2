public import ShelfBase

/// Which names are names of model files. Case does not count.
public enum ModelFileExtensions {
    /// Extensions of files that may hold weights.
    public static let models: Set<String> = [
        "safetensors", "sft", "ckpt", "pt", "pt2", "pth", "bin", "pkl", "gguf", "onnx", "engine", "trt", "npz", "npy",
        "dduf", "h5", "tflite", "embedding",
    ]

    /// Extensions of folders that are one model.
    public static let modelFolders: Set<String> = ["mlmodelc", "mlpackage", "diffusers"]

    /// Extensions that programs give a file while they download it.
    public static let partial: Set<String> = [
        "part", "partial", "crdownload", "download", "tmp", "aria2", "!qb", "opdownload", "downloading", "smdownload",
        "incomplete",
    ]

    /// Extension of the file that aria2 keeps beside an unfinished download, which already has its final name.
    public static let controlFile = "aria2"

    /// Whether a file of this name is taken for a model. Hidden files and unfinished downloads never are.
    public static func isModel(_ name: FilePath) -> Bool {
        !isHidden(name) && models.contains(name.pathExtension)
    }

    /// Whether a folder of this name is one model.
    public static func isModelFolder(_ name: FilePath) -> Bool {
        !isHidden(name) && modelFolders.contains(name.pathExtension)
    }

    /// Whether the name is that of an unfinished download.
    public static func isPartial(_ name: FilePath) -> Bool { partial.contains(name.pathExtension) }

    /// Whether the last component starts with a dot.
    public static func isHidden(_ name: FilePath) -> Bool { name.isHidden }
}
