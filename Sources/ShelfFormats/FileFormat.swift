/// What the bytes of a file are, whatever its name says. The raw value is what `inspect --json` shows as `format`.
public enum FileFormat: String, Sendable, Hashable, CaseIterable {
    /// A safetensors file: eight bytes of length, a JSON header, tensor data.
    case safetensors
    /// A zip archive with a pickle inside, as `torch.save` writes it since PyTorch 1.6.
    case torch
    /// A bare pickle stream: an old PyTorch file, or anything else that Python can pickle.
    case pickle
    /// The container of llama.cpp and its relatives.
    case gguf
    /// The predecessors of GGUF, which nothing current reads.
    case ggml
    case onnx
    /// A zip archive of NumPy arrays.
    case npz
    /// One NumPy array.
    case npy
    /// HDF5, as Keras saves its models.
    case hdf5
    case tflite
    case tensorrt
    /// Diffusers' zip archive of a whole pipeline.
    case dduf
    /// A zip archive that is none of the known kinds.
    case zip
    /// Another packed archive.
    case archive
    /// The text that Git leaves in place of a file it keeps elsewhere.
    case lfsPointer = "lfs_pointer"
    case html
    case xml
    case json
    /// A short plain text where a model should be, such as a service's error message.
    case text
    /// A picture; some carry an embedding.
    case image
    case empty
    case unknown

    /// Whether a file of this format can hold the weights of a model.
    public var holdsModel: Bool {
        switch self {
        case .safetensors, .torch, .pickle, .gguf, .onnx, .npz, .npy, .hdf5, .tflite, .tensorrt, .dduf: true
        case .ggml, .zip, .archive, .lfsPointer, .html, .xml, .json, .text, .image, .empty, .unknown: false
        }
    }

    /// Whether loading a file of this format can run code that it brings along.
    public var canRunCode: Bool {
        switch self {
        case .torch, .pickle, .npz, .npy, .zip: true
        default: false
        }
    }
}
