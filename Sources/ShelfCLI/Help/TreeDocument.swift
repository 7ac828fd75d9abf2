internal import ModelShelf
internal import ShelfBase

/// The command tree as JSON, for `help --json`.
enum TreeDocument {
    static func tree(_ tree: CommandTree) -> JSONObject {
        [
            "name": .string("modelshelf"), "version": .string(ModelShelfVersion.text),
            "usage": .string(CommandTree.usage), "options": .array(CommandTree.globalOptions.map(option)),
            "commands": .array(tree.commands.map { .object(command($0)) }),
        ]
    }

    static func command(_ command: Command) -> JSONObject {
        [
            "name": .string(command.name), "usage": .string(command.usage), "summary": .string(command.summary),
            "details": .strings(command.details), "arguments": .array(command.arguments.map(argument)),
            "options": .array(command.options.map(option)),
            "examples": .array(
                command.examples.map { .object(["line": .string($0.line), "meaning": .string($0.meaning)]) }),
        ]
    }

    private static func argument(_ argument: ArgumentSpec) -> JSONValue {
        .object([
            "name": .string(argument.name), "optional": .bool(argument.isOptional),
            "repeated": .bool(argument.isRepeated), "summary": .string(argument.summary),
        ])
    }

    private static func option(_ option: OptionSpec) -> JSONValue {
        .object([
            "name": .string(option.name), "value": .optional(option.value?.name),
            "repeatable": .bool(option.isRepeatable), "summary": .string(option.summary),
        ])
    }
}
