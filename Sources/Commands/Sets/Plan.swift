import ArgumentParser
import Contract
import Fleet
import JSONText
import Manifest
import Primitives

/// `blixard plan`: what an apply would do, to be read, kept and applied as it was planned.
struct Plan: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what an apply would do, and keep it for an apply of exactly that.",
        discussion: """
            Shows what `diff` shows. With --out the plan is written to a file, and `apply --plan FILE` applies just what \
            was planned, or is refused with what moved since.

            Exit code: 0, and 1 for an error. With --detailed-exitcode 0 nothing to do, 1 an error, 2 something to do.

            Examples:
              blixard plan -f manifests -R --out plan.json && blixard apply --plan plan.json
              blixard plan -f manifests -o markdown      # for a pull request
              blixard plan -f manifests -o diff          # as a unified diff
              BLIXARD_EXTERNAL_DIFF="diff -ruN" blixard plan -f manifests -o diff
            """)

    @OptionGroup var files: FileOptions
    @OptionGroup var namespaceOptions: NamespaceOptions
    @OptionGroup var setOptions: SetOptions

    @Option(help: ArgumentHelp("Write the plan to this file.", valueName: "file"))
    var out: String?

    @Flag(name: .customLong("detailed-exitcode"), help: "Exit with 2 if there is something to do.")
    var detailedExitCode = false

    @OptionGroup var rendering: PlanRenderingOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let format = try rendering.format(verb: "plan", in: world)
        let documents = try await files.documents(verb: "plan", namespace: namespaceOptions, in: world)
        let request = PlanRequest(documents: documents, set: setOptions.request)
        let client = try ClusterClient.open(connectionOptions, in: world)
        let plan: Answered<PlanAnswer> = try await client.connection.ask(.plan, request)
        let differs = try await format.print(plan, documents: documents, client)
        await client.close()
        let refusals = PlanText(plan.body).refusals
        guard refusals.isEmpty else { throw CommandFailure(lines: refusals) }
        if let out, var apply = request.apply {
            apply.expectation = plan.body.expectation
            try apply.seal(plan.body.secrets)
            try PlanFile(cluster: plan.body.cluster, apply: apply, plan: plan.json).write(to: out)
        }
        if detailedExitCode, differs { throw CommandFailure.silent(exitCode: 2) }
    }
}

extension PlanRequest {
    init(documents: [ManifestDocument], set: SetRequest?) {
        self.init(
            apply: ApplyRequest(
                identity: WriteIdentity(), documents: documents.map(\.json), sources: documents.map(\.source), set: set)
        )
    }
}

extension PlanAnswer {
    /// The Secrets of the apply, with sealed values.
    var sealedDocuments: [ManifestDocument] {
        let sources = secrets.map { ManifestSource(name: "plan", content: .value($0, position: nil)) }
        // A newer server may seal in a way that is not known here.
        return (try? ManifestReader(namespace: KindInfo.defaultNamespace, namespaceIsBinding: false).read(sources))
            ?? []
    }
}

extension ApplyRequest {
    /// Puts sealed Secrets in the place of those in the clear, so that no file holds a value.
    ///
    /// - Throws: ``CommandFailure`` if the server has not sealed one.
    fileprivate mutating func seal(_ secrets: [JSON]) throws {
        func name(_ document: JSON) -> [JSON?] { [document["metadata"]?["namespace"], document["metadata"]?["name"]] }
        documents = try documents.map { document in
            guard document["kind"] == .string(KindInfo.secret.kind) else { return document }
            guard let sealed = secrets.first(where: { name($0) == name(document) }) else {
                throw CommandFailure.error("the server did not seal every Secret, and a plan holds no values")
            }
            return sealed
        }
    }
}
