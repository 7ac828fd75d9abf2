public import ShelfBase

/// Which switch forbids the network, so that the message can name it.
public enum OfflineSwitch: Sendable, Equatable {
    /// `MODELSHELF_OFFLINE`
    case environment
    /// `--offline`, or the argument of a call.
    case option

    /// The switch that is on, if any.
    public static func active(option: Bool) -> OfflineSwitch? {
        if option { return .option }
        return Environment.flag("MODELSHELF_OFFLINE") ? .environment : nil
    }

    public var error: ShelfError {
        switch self {
        case .environment:
            ShelfError(.network, "modelshelf is offline", hint: "unset MODELSHELF_OFFLINE to allow the network")
        case .option:
            ShelfError(.network, "modelshelf is offline", hint: "leave out --offline to allow the network")
        }
    }
}
