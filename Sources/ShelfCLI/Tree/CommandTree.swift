/// The whole command line as data.
struct CommandTree: Sendable {
    let commands: [Command]

    /// The commands of this version, in the order in which help shows them.
    static let current = CommandTree(commands: [
        .scan, .watch, .hash, .inspect, .info, .list, .search, .lookup, .browse, .download, .preview, .set, .tag,
        .link, .unlink, .roots, .sidecars, .verify, .python,
        .doctor, .completions, .help,
    ])

    /// Options that every command takes, anywhere on the line.
    static let globalOptions: [OptionSpec] = [
        .flag("--json", "Print exactly one JSON document: the result, or {\"error\":…}."),
        .value("--db", "PATH", .file, "The database to use instead of $MODELSHELF_HOME/modelshelf.db."),
        .flag("--offline", "Use no network at all."),
        .flag("--quiet", "No progress, notes or warnings; errors are still said."),
        .flag("--verbose", "Say what is done in detail."),
        .flag("--help", "Show help for the command."),
        .flag("--version", "Show the version."),
    ]

    static let usage = "modelshelf COMMAND [ARGUMENT…] [OPTION…]"

    func command(_ name: String) -> Command? { commands.first { $0.name == name } }
}

/// Words that completion offers; the core decides what it accepts.
enum KnownWords {
    static let modelTypes = [
        "Checkpoint", "LORA", "LoCon", "DoRA", "TextualInversion", "Hypernetwork", "Controlnet", "Upscaler",
        "MotionModule", "VAE", "TextEncoder", "UNet", "CLIPVision", "Other",
    ]
    static let shells = ["bash", "zsh", "fish"]
}

/// What the process answers with, for the documentation; the numbers come from ``ExitStatus``.
enum ExitStatusText {
    static let rows: [(status: Int32, meaning: String)] = [
        (ExitStatus.done, "done"),
        (ExitStatus.someFailed, "done, but some items failed; they are listed"),
        (ExitStatus.usage, "wrong usage"),
        (ExitStatus.notFound, "nothing found for what was named"),
        (ExitStatus.network, "the network or the service failed"),
        (ExitStatus.store, "the store cannot be used"),
        (ExitStatus.cancelled, "interrupted; what was finished is kept"),
    ]
}
