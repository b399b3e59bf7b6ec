import ArgumentParser
import Contract
import Fleet
import JSONText
import Manifest
import Primitives

/// `blixard reconcile`: has a Git repository fetched now.
struct ReconcileSource: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Fetch a Git repository now, and apply what is new in it.",
        discussion: """
            The leader fetches; without --wait the command ends when the fetch has begun. With --wait it ends when the \
            newest commit is in force, and with an error if that is not so.

            Examples:
              blixard reconcile git/infra
              blixard reconcile git/infra --wait --timeout 2m
            """)

    @Argument(
        help: ArgumentHelp("git/NAME, or git NAME", valueName: "repository"), completion: .objects)
    var resource: [String]
    @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: "Wait until the fetch has ended, and say how.")
    var wait = false
    @Option(help: ArgumentHelp("How long to wait at most.", valueName: DurationText.valueName))
    var timeout = DurationText(milliseconds: 120_000)
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let name = try name()
        let client = try ClusterClient.open(connectionOptions, in: world)
        let answer = try await SourceWait.ask(client, name)
        let subject = KindInfo.gitRepository.key(namespace: "", name: name).resourceName
        guard wait else {
            try world.output.line("\(subject) " + (answer.waits ? "is fetched again" : "is fetched"))
            await client.close()
            return
        }
        let outcome = try await SourceWait(
            client: client, name: name, timeoutMilliseconds: timeout.milliseconds
        ).run(after: answer)
        await client.close()
        try world.output.line("\(subject) \(outcome)")
    }

    /// - Throws: ``CommandFailure`` for what names no repository, or several.
    private func name() throws -> String {
        let selections = try ResourceSelection.parse(resource)
        guard selections.count == 1, selections[0].kind == .gitRepository, selections[0].names.count == 1 else {
            throw CommandFailure.error(
                "\"\(resource.joined(separator: " ").harmless)\" must name one Git repository, as in git/infra")
        }
        return selections[0].names[0]
    }
}
