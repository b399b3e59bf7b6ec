import ArgumentParser
import Contract
import JSONText
import Manifest
import Primitives

/// `blixard diff`: what an apply would change, or what the loops would do now.
struct Diff: ProgramCommand {
    static let errorExitCode: Int32 = 2

    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show what an apply would change and what the nodes would do, or what they would do now.",
        discussion: """
            Exit code: 0 nothing to change and nothing to do, 1 something, more than 1 for an error.

            Examples:
              blixard diff                       # what differs between desired and observed state now
              blixard diff -f manifests -R       # what an apply of these files would change and cause
            """)

    @OptionGroup var files: FileOptions
    @OptionGroup var namespaceOptions: NamespaceOptions
    @OptionGroup var outputOptions: OutputOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let format = try outputOptions.format()
        guard [.table, .json, .yaml].contains(format) else {
            throw CommandFailure.error("-o \(outputOptions.output ?? "") is not for diff: it must be json or yaml")
        }
        var request = PlanRequest(apply: nil)
        if !files.filename.isEmpty {
            let documents = try files.documents(verb: "diff", namespace: namespaceOptions, in: world)
            request.apply = ApplyRequest(identity: WriteIdentity(), documents: documents.map(\.json), sources: [])
        }
        let client = try ClusterClient.open(connectionOptions, in: world)
        let plan: Answered<PlanAnswer> = try await client.connection.ask(.plan, request)
        await client.close()
        let text = PlanText(plan.body)
        switch format {
        case .json: try world.output.write(plan.json.prettyText)
        case .yaml: try world.output.write(YAMLText.render(plan.json))
        default: try world.output.write(text.lines.map { $0.harmless + "\n" }.joined())
        }
        guard text.refusals.isEmpty else {
            throw CommandFailure(lines: text.refusals, exitCode: 2)
        }
        if text.differs { throw DiffersExit() }
    }
}

/// Ends `diff` with the exit code 1, which is no error.
struct DiffersExit: Error {}
