import ArgumentParser
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
        let answer = try await ApplyRequest(documents: documents, dryRun: dryRun)
            .send(try await ClusterWrite(client, writeOptions))
        switch format {
        case .json: try world.output.write(answer.json.prettyText)
        case .yaml: try world.output.write(YAMLText.render(answer.json))
        case .name: for result in answer.results { try world.output.line(result.key.resourceName) }
        default:
            for result in answer.results {
                try world.output.line("\(result.key.resourceName) \(result.operation)\(dryRun.suffix)")
            }
        }
        if wait, dryRun == .none {
            try await RevisionWait(client: client, results: answer.results, timeoutMilliseconds: timeout.milliseconds)
                .run()
        }
        await client.close()
    }
}

/// The one request that applies a set of documents.
struct ApplyRequest {
    let documents: [ManifestDocument]
    let dryRun: DryRun

    func send(_ write: ClusterWrite) async throws -> WriteReport {
        var body = write.body
        body["documents"] = .array(documents.map(\.json))
        body["sources"] = .array(documents.map { .string($0.source) })
        let json = try await write.send(
            "POST", APIPath.own + "/apply", query: dryRun.query, body: body)
        guard let report = WriteReport(json) else {
            throw ConnectionFailure.protocolViolation("the answer to an apply has no results")
        }
        return report
    }
}
