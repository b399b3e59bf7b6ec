import ArgumentParser
import Manifest

/// The arguments of `create` and `replace`.
struct SeriesOptions: ParsableArguments {
    @OptionGroup var files: FileOptions
    @OptionGroup var namespaceOptions: NamespaceOptions

    @Option(
        name: .customLong("dry-run"),
        help: ArgumentHelp("server: do everything but record it.", valueName: "none|server"))
    var dryRun: DryRun = .none

    @OptionGroup var outputOptions: OutputOptions
    @OptionGroup var writeOptions: WriteOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(_ verb: ObjectSeries.Verb, in world: World) async throws {
        let format = try outputOptions.format()
        guard format != .wide else {
            throw CommandFailure.error(
                "-o wide is not for \(verb.rawValue): it must be name, json, yaml, jsonpath or custom-columns")
        }
        let documents = try await files.documents(verb: verb.rawValue, namespace: namespaceOptions, in: world)
        let client = try ClusterClient.open(connectionOptions, in: world)
        try await ObjectSeries(
            verb: verb, client: client, options: writeOptions, dryRun: dryRun, format: format
        ).run(documents)
        await client.close()
    }
}

/// `blixard create`: makes objects that are not there yet.
struct Create: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make objects that must not be there yet.",
        discussion: """
            All documents are checked first. Then the objects are created one after the other: the first that is there \
            already, or is refused, ends the command, which says what was created and what was not. `apply` records all \
            documents as one entry, or none.

            Examples:
              blixard create -f web.yaml
              blixard create -f manifests -R --dry-run=server
              generate | blixard create -f - -o name
            """)

    @OptionGroup var options: SeriesOptions

    func run(in world: World) async throws { try await options.run(.create, in: world) }
}

/// `blixard replace`: gives objects that are there a new spec.
struct Replace: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "replace",
        abstract: "Replace objects that must be there already.",
        discussion: """
            All documents are checked first. Then the objects are replaced one after the other: the first that is not \
            there, or is refused, ends the command, which says what was replaced and what was not. A resourceVersion in \
            a file is passed over, as it is by apply: what the file says is what the object becomes.

            Examples:
              blixard replace -f web.yaml
              blixard get vm web -o yaml | change | blixard replace -f -
            """)

    @OptionGroup var options: SeriesOptions

    func run(in world: World) async throws { try await options.run(.replace, in: world) }
}
