import ArgumentParser
import Contract
import Fleet
import JSONText
import Manifest

/// `blixard apply`: makes manifests the desired state, all of them in one entry of the log.
struct Apply: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Make manifests the desired state: all of them, or none.",
        discussion: """
            Everything that is wrong with any document is printed at once, and then nothing is changed. All documents \
            go into one entry of the log, whatever their order.

            Examples:
              blixard apply -f cluster.json
              blixard apply -f manifests -R --wait --timeout 2m
              blixard apply -f web.yaml --dry-run=server
              generate | blixard apply -f -
            """)

    @OptionGroup var files: FileOptions
    @OptionGroup var namespaceOptions: NamespaceOptions

    @Option(
        name: .customLong("dry-run"),
        help: ArgumentHelp("server: do everything but record it.", valueName: "none|server"))
    var dryRun: DryRun = .none

    @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: "Wait until the machines run as applied.")
    var wait = false

    @Option(help: ArgumentHelp("How long to wait at most.", valueName: DurationText.valueName))
    var timeout = DurationText(milliseconds: 300_000)

    @OptionGroup var outputOptions: OutputOptions
    @OptionGroup var writeOptions: WriteOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let format = try outputOptions.format()
        guard [.table, .name, .json, .yaml].contains(format) else {
            throw CommandFailure.error(
                "-o \(outputOptions.output ?? "") is not for apply: it must be name, json or yaml")
        }
        let documents = try files.documents(verb: "apply", namespace: namespaceOptions, in: world)
        let client = try ClusterClient.open(connectionOptions, in: world)
        let answer = try await ClusterWrite(client, writeOptions).apply(documents, dryRun)
        switch format {
        case .json: try world.output.write(answer.json.prettyText)
        case .yaml: try world.output.write(YAMLText.render(answer.json))
        case .name: for result in answer.body.results { try world.output.line(result.key.resourceName) }
        default:
            for result in answer.body.results {
                try world.output.line("\(result.key.resourceName) \(result.operation.word)\(dryRun.suffix)")
            }
        }
        if wait, dryRun == .none {
            try await RevisionWait(
                client: client, objects: answer.body.results.map(AwaitedObject.init),
                timeoutMilliseconds: timeout.milliseconds
            ).run()
        }
        await client.close()
    }
}

extension ClusterWrite {
    /// Applies a set of documents by one request.
    func apply(_ documents: [ManifestDocument], _ dryRun: DryRun) async throws -> Answered<WriteReport> {
        try await send(
            .apply,
            ApplyRequest(identity: identity, documents: documents.map(\.json), sources: documents.map(\.source)), dryRun
        )
    }
}
