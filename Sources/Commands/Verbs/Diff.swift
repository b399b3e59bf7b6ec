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
            With -o diff a program that BLIXARD_EXTERNAL_DIFF names is run on two directories, with one file for each \
            object that differs: live manifests and applied ones.

            Exit code: 0 nothing to change and nothing to do, 1 something, more than 1 for an error. With such a program \
            it is what the program found.

            Examples:
              blixard diff                       # what differs between desired and observed state now
              blixard diff -f manifests -R       # what an apply of these files would change and cause
              BLIXARD_EXTERNAL_DIFF="diff -ruN" blixard diff -f manifests -o diff
            """)

    @OptionGroup var files: FileOptions
    @OptionGroup var namespaceOptions: NamespaceOptions
    @OptionGroup var setOptions: SetOptions
    @OptionGroup var rendering: PlanRenderingOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let format = try rendering.format(verb: "diff", in: world)
        var request = PlanRequest(apply: nil)
        var documents: [ManifestDocument] = []
        if !files.filename.isEmpty {
            documents = try await files.documents(verb: "diff", namespace: namespaceOptions, in: world)
            request = PlanRequest(documents: documents, set: setOptions.request)
        } else if setOptions.request != nil {
            throw CommandFailure.error(
                "the flags of a set go with -f: without it, what the nodes would do now is shown")
        }
        let client = try ClusterClient.open(connectionOptions, in: world)
        let plan: Answered<PlanAnswer> = try await client.connection.ask(.plan, request)
        let differs = try await format.print(plan, documents: documents, client)
        await client.close()
        let refusals = PlanText(plan.body).refusals
        guard refusals.isEmpty else { throw CommandFailure(lines: refusals, exitCode: 2) }
        if differs { throw DiffersExit() }
    }
}

/// Ends `diff` with the exit code 1, which is no error.
struct DiffersExit: Error {}
