import ArgumentParser
import JSONText
import Manifest
import Primitives

/// The arguments of `label` and `annotate`.
struct MetadataEditOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "TYPE/NAME... or TYPE NAME..., then KEY=VALUE to set and KEY- to remove.", valueName: "words"),
        completion: .objects)
    var words: [String]

    @Flag(help: "Change what has another value.")
    var overwrite = false

    @Option(
        name: .customLong("dry-run"),
        help: ArgumentHelp("server: do everything but record it.", valueName: "none|server"))
    var dryRun: DryRun = .none

    @OptionGroup var namespaceOptions: NamespaceOptions
    @OptionGroup var writeOptions: WriteOptions
    @OptionGroup var connectionOptions: ConnectionOptions
}

/// Sets and removes labels or annotations of objects, one after the other.
struct MetadataEdit {
    enum Field: String {
        case labels
        case annotations

        /// As messages name one of them.
        var singular: String { self == .labels ? "label" : "annotation" }
        /// As success lines say it: `labeled`.
        var done: String { self == .labels ? "labeled" : "annotated" }
    }

    let field: Field
    let options: MetadataEditOptions

    /// A nil value removes the entry.
    private typealias Change = (key: String, value: String?)

    func run(in world: World) async throws {
        let isChange = { (word: String) in word.contains("=") || word.hasSuffix("-") }
        let subjects = try ResourceSelection.parse(Array(options.words.prefix { !isChange($0) }))
        let changes = try options.words.drop { !isChange($0) }.map(change)
        guard !changes.isEmpty else {
            throw CommandFailure.error("at least one \(field.singular) update is required: KEY=VALUE or KEY-")
        }
        let keys = subjects.flatMap { subject in
            subject.names.map { subject.kind.key(namespace: options.namespaceOptions.namespace, name: $0) }
        }
        guard !keys.isEmpty, !subjects.contains(where: \.names.isEmpty) else {
            throw CommandFailure.error("one or more objects must be named, as TYPE/NAME or TYPE NAME")
        }
        guard options.writeOptions.requestID == nil || keys.count == 1 else {
            throw CommandFailure.error("--request-id is for one object; found \(keys.count)")
        }
        let client = try ClusterClient.open(options.connectionOptions, in: world)
        for key in keys {
            let changed = try await edit(key, changes, client)
            try world.output.line(
                "\(key.resourceName) " + (changed ? field.done + options.dryRun.suffix : "not \(field.done)"))
        }
        await client.close()
    }

    /// Whether something was changed.
    private func edit(_ key: ObjectKey, _ changes: [Change], _ client: ClusterClient) async throws -> Bool {
        let edit = ObjectEdit(
            client: client, kind: try KindInfo.parse(key.kind), namespace: key.namespace, name: key.name,
            options: options.writeOptions, dryRun: options.dryRun)
        return try await edit.run { object in
            let current = object["metadata"]?[field.rawValue] ?? .object([:])
            var patch: JSON = .object([:])
            for change in changes where current[change.key]?.string != change.value {
                if let old = current[change.key]?.string, change.value != nil, !options.overwrite {
                    throw CommandFailure.error(
                        "'\(change.key)' already has a value (\(old.harmless)), and --overwrite is false")
                }
                patch[change.key] = change.value.map { .string($0) } ?? .null
            }
            return patch.object?.isEmpty == true ? .nothing : .patch(["metadata": [field.rawValue: patch]])
        }
    }

    private func change(_ word: String) throws -> Change {
        let key: String
        var value: String?
        if let equals = word.firstIndex(of: "=") {
            key = String(word[..<equals])
            value = String(word[word.index(after: equals)...])
        } else if word.hasSuffix("-") {
            key = String(word.dropLast())
        } else {
            throw CommandFailure.error("\"\(word)\" is no \(field.singular) update: it must be KEY=VALUE or KEY-")
        }
        if let problem = NameRules.labelKeyProblem(key) {
            throw CommandFailure.error("invalid \(field.singular) key \"\(key)\": \(problem)")
        }
        if field == .labels, let value, let problem = NameRules.labelValueProblem(value) {
            throw CommandFailure.error("invalid label value \"\(value)\": \(problem)")
        }
        return (key, value)
    }
}
