import ArgumentParser
import Fleet
import Primitives

/// Whether a command that applies manifests follows what it applied, and until when.
struct ApplyWaitOptions: ParsableArguments {
    @Flag(
        inversion: .prefixedNo, exclusivity: .chooseLast,
        help: """
            Wait until all is there as applied, and what was pruned is gone; =CONDITION waits for that in its place.
            """)
    var wait: Bool?

    @Option(
        name: .customLong("wait-for"), parsing: .singleValue,
        help: ArgumentHelp(
            "The same as --wait=CONDITION: Ready, a machine's phase such as Stopped, or condition=NAME[=VALUE]. "
                + "Repeatable: all must hold.", valueName: "condition"))
    var waitFor: [String] = []

    @Option(help: ArgumentHelp("How long to wait at most.", valueName: DurationText.valueName))
    var timeout = DurationText(milliseconds: 300_000)

    enum Goal: Equatable {
        case nothing
        case applied
        case conditions([WaitCondition])
    }

    /// - Throws: ``CommandFailure`` for what is no condition.
    func goal() throws -> Goal {
        let conditions = try waitFor.map(WaitCondition.init(ofApply:))
        guard wait ?? !conditions.isEmpty else { return .nothing }
        return conditions.isEmpty ? .applied : .conditions(conditions)
    }

    func follow(_ answer: WriteAnswer, until goal: Goal, _ client: ClusterClient) async throws {
        let objects: [AwaitedObject]
        switch goal {
        case .nothing: return
        case .applied: objects = [AwaitedObject](answer)
        case .conditions(let conditions):
            objects = [AwaitedObject](answer, until: conditions)
            if objects.isEmpty {
                let words = conditions.map(\.text).joined(separator: " and ")
                try client.world.errors.line("nothing of this can meet \(words), so nothing is waited for")
            }
        }
        try await RevisionWait(client: client, objects: objects, timeoutMilliseconds: timeout.milliseconds).run()
    }
}
