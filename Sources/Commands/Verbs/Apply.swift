import ArgumentParser
import Contract
import Fleet
import JSONText
import Manifest

/// `blixard apply`: makes manifests the desired state, all of them in one entry of the log.
struct Apply: ProgramCommand {
    static let waitTakesCondition = true

    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Make manifests the desired state: all of them, or none.",
        discussion: """
            Everything that is wrong with any document is printed at once, and then nothing is changed. All documents \
            go into one entry of the log, whatever their order.

            Examples:
              blixard apply -f cluster.json
              blixard apply -f manifests -R --wait --timeout 2m
              blixard apply -f web.yaml --wait=Ready          # or Stopped, condition=NAME[=VALUE]
              blixard apply -f web.yaml --dry-run=server
              blixard apply -f manifests --set prod --prune -m "two more web servers"
              blixard plan -f manifests --out p.json && blixard apply --plan p.json
              generate | blixard apply -f -
            """)

    @OptionGroup var files: FileOptions
    @OptionGroup var namespaceOptions: NamespaceOptions
    @OptionGroup var setOptions: SetOptions

    @Option(help: ArgumentHelp("Apply just what was planned, from what `plan --out` wrote.", valueName: "file"))
    var plan: String?

    @Option(
        name: .customLong("dry-run"),
        help: ArgumentHelp("server: do everything but record it.", valueName: "none|server"))
    var dryRun: DryRun = .none

    @OptionGroup var waiting: ApplyWaitOptions
    @OptionGroup var outputOptions: OutputOptions
    @OptionGroup var writeOptions: WriteOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let format = try outputOptions.format()
        guard [.table, .name, .json, .yaml].contains(format) else {
            throw CommandFailure.error(
                "-o \(outputOptions.output ?? "") is not for apply: it must be name, json or yaml")
        }
        let goal = try waiting.goal()
        var request = try await request(in: world)
        let client = try ClusterClient.open(connectionOptions, in: world)
        let write = try await ClusterWrite(client, writeOptions)
        request.identity = write.identity
        let answer: Answered<WriteReport> = try await write.send(.apply, request, dryRun)
        switch format {
        case .json: try world.output.write(answer.json.prettyText)
        case .yaml: try world.output.write(YAMLText.render(answer.json))
        case .name: for result in answer.body.results { try world.output.line(result.key.resourceName) }
        default: for line in Self.lines(answer.body) { try world.output.line(line + dryRun.suffix) }
        }
        if dryRun == .none { try await waiting.follow(answer.body.answer, until: goal, client) }
        await client.close()
    }

    /// What is to be applied: the documents of -f, or a plan.
    private func request(in world: World) async throws -> ApplyRequest {
        guard let plan else {
            let documents = try await files.documents(verb: "apply", namespace: namespaceOptions, in: world)
            return ApplyRequest(
                identity: WriteIdentity(), documents: documents.map(\.json), sources: documents.map(\.source),
                set: setOptions.request)
        }
        guard files.filename.isEmpty, setOptions.request == nil, namespaceOptions.given == nil else {
            throw CommandFailure.error(
                "--plan goes without -f, -n and the flags of a set: the plan has all of that in it")
        }
        let file = try PlanFile.read(plan)
        var request = file.apply
        request.cluster = file.cluster
        return request
    }

    /// One line for each object, in kubectl's words, and one for the set.
    static func lines(_ report: WriteReport) -> [String] {
        var lines = report.results.map { "\($0.key.resourceName) \($0.operation.word)" }
        lines += report.answer.pruned.map { "\($0.key.resourceName) pruned" }
        lines += report.answer.released.map { "\($0.resourceName) released" }
        if let set = report.answer.set {
            lines.append("set \(set.name) \(set.isNew ? "is now at" : "stays at") revision \(set.revision)")
        }
        return lines
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
