import ArgumentParser
import Contract
import Fleet
import JSONText
import Manifest
import Primitives

/// `blixard rollout undo`.
struct RolloutUndo: ProgramCommand {
    static let waitTakesCondition = true

    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "Apply an older revision of a set once more, as a new revision.",
        discussion: """
            The history stays as it is: the old content becomes the newest revision. The guards of the set hold as with \
            any apply, and nothing is applied if the set moves on meanwhile.

            Examples:
              blixard rollout undo set/prod                     # the revision before the newest
              blixard rollout undo set/prod --to-revision 3 --wait
              blixard rollout undo set/prod --dry-run=server
            """)

    @OptionGroup var set: SetReference
    @Option(
        name: .customLong("to-revision"),
        help: ArgumentHelp("Which revision; 0 is the one before the newest.", valueName: "number"))
    var toRevision: UInt64 = 0
    @Flag(
        inversion: .prefixedNo, exclusivity: .chooseLast,
        help: "Delete what the newest revision has and the older one has not; else the set says.")
    var prune: Bool?
    @Option(
        name: .customLong("max-prune-percent"),
        help: ArgumentHelp("Which share of the members may be deleted this time.", valueName: "0-100"))
    var maxPrunePercent: Int?
    @Flag(help: "Take over objects that are members of other sets.")
    var adopt = false
    @Option(name: .shortAndLong, help: ArgumentHelp("Why, for the set's history.", valueName: "text"))
    var message: String?
    @Option(
        name: .customLong("dry-run"),
        help: ArgumentHelp("server: do everything but record it.", valueName: "none|server"))
    var dryRun: DryRun = .none
    @OptionGroup var waiting: ApplyWaitOptions
    @OptionGroup var writeOptions: WriteOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func validate() throws {
        if let maxPrunePercent, !(0...100).contains(maxPrunePercent) {
            throw ValidationError("--max-prune-percent \(maxPrunePercent) must be 0 to 100")
        }
    }

    func run(in world: World) async throws {
        let name = try set.name()
        let goal = try waiting.goal()
        let client = try ClusterClient.open(connectionOptions, in: world)
        let write = try await ClusterWrite(client, writeOptions)
        let history: Answered<SetHistory> = try await client.connection.get(.setHistory(set: name))
        let newest = history.body.revision
        let wanted = toRevision == 0 ? newest > 0 ? newest - 1 : 0 : toRevision
        guard wanted > 0 else {
            throw CommandFailure.error(
                "no rollout history found for set \"\(name.harmless)\": it has no older revision")
        }
        guard wanted != newest else {
            throw CommandFailure.error("revision \(wanted) of the set \(name.harmless) is the newest one")
        }
        let old = try await client.revision(wanted, ofSet: name)
        let request = ApplyRequest(
            identity: write.identity, documents: old.documents,
            sources: old.documents.indices.map { "revision \(wanted) of \(name)[\($0)]" },
            set: SetRequest(
                name: name, prune: prune, maxPrunePercent: maxPrunePercent, allowsEmpty: old.documents.isEmpty,
                adopts: adopt, ifRevision: newest, message: message ?? "roll back to revision \(wanted)",
                commit: old.summary.commit))
        let answer: Answered<WriteReport> = try await write.send(.apply, request, dryRun)
        for line in Apply.lines(answer.body) { try world.output.line(line + dryRun.suffix) }
        if dryRun == .none { try world.output.line("manifestset.blixard.dev/\(name) rolled back") }
        if dryRun == .none { try await waiting.follow(answer.body.answer, until: goal, client) }
        await client.close()
    }
}
