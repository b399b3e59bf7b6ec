import ArgumentParser
import JSONText
import Manifest
import Primitives

/// `blixard label`: sets and removes labels of an object.
struct Label: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "label",
        abstract: "Set and remove labels of an object.",
        discussion: """
            Examples:
              blixard label node/node-1 rack=a
              blixard label vm web tier=front --overwrite
              blixard label vm web tier-
            """)

    @Argument(
        help: ArgumentHelp("TYPE/NAME or TYPE NAME, then KEY=VALUE to set and KEY- to remove.", valueName: "words"),
        completion: .objects)
    var words: [String]

    @Flag(help: "Change labels that have another value.")
    var overwrite = false

    @OptionGroup var namespaceOptions: NamespaceOptions
    @OptionGroup var writeOptions: WriteOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let count = words.first?.contains("/") == true ? 1 : 2
        let subject = try ResourceSelection.single(Array(words.prefix(count)))
        let changes = try words.dropFirst(count).map(Self.parse)
        guard !changes.isEmpty else {
            throw CommandFailure.error("at least one label update is required: KEY=VALUE or KEY-")
        }
        let client = try ClusterClient.open(connectionOptions, in: world)
        let edit = ObjectEdit(
            client: client, kind: subject.kind, namespace: namespaceOptions.namespace, name: subject.name,
            options: writeOptions)
        let changed = try await edit.run { object in
            let labels = object["metadata"]?["labels"] ?? .object([:])
            var patch: JSON = .object([:])
            for change in changes where labels[change.key]?.string != change.value {
                if let old = labels[change.key]?.string, change.value != nil, !overwrite {
                    throw CommandFailure.error(
                        "'\(change.key)' already has a value (\(old.harmless)), and --overwrite is false")
                }
                patch[change.key] = change.value.map { .string($0) } ?? .null
            }
            return patch.object?.isEmpty == true ? .nothing : .patch(["metadata": ["labels": patch]])
        }
        let name = subject.kind.key(namespace: "", name: subject.name).resourceName
        try world.output.line("\(name) " + (changed ? "labeled" : "not labeled"))
        await client.close()
    }

    /// A nil value removes the label.
    private static func parse(_ word: String) throws -> (key: String, value: String?) {
        let key: String
        var value: String?
        if let equals = word.firstIndex(of: "=") {
            key = String(word[..<equals])
            value = String(word[word.index(after: equals)...])
        } else if word.hasSuffix("-") {
            key = String(word.dropLast())
        } else {
            throw CommandFailure.error("\"\(word)\" is no label update: it must be KEY=VALUE or KEY-")
        }
        if let problem = NameRules.labelKeyProblem(key) {
            throw CommandFailure.error("invalid label key \"\(key)\": \(problem)")
        }
        if let value, let problem = NameRules.labelValueProblem(value) {
            throw CommandFailure.error("invalid label value \"\(value)\": \(problem)")
        }
        return (key, value)
    }
}
