import ArgumentParser
import Contract
import JSONText
import Manifest

/// Whether `vm start`, `stop` and `restart` follow what they asked for.
struct MachineWaitOptions: ParsableArguments {
    @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: "Wait until it is so.")
    var wait = false

    @Option(help: ArgumentHelp("How long to wait at most.", valueName: DurationText.valueName))
    var timeout = DurationText(milliseconds: 300_000)
}

/// One machine that a person starts, stops or restarts.
struct MachineByHand {
    let client: ClusterClient
    let namespace: String
    let name: String

    private var key: ObjectKey { KindInfo.virtualMachine.key(namespace: namespace, name: name) }

    /// What success and error lines call the machine.
    var subject: String { key.resourceName }

    /// Edits the machine's spec; whether something was changed.
    ///
    /// - Parameter change: Called with the machine as it is, once more for every conflict; never with one that is being
    ///   deleted.
    func edit(_ options: WriteOptions, _ change: (JSON) throws -> ObjectEdit.Change) async throws -> Bool {
        let edit = ObjectEdit(
            client: client, kind: .virtualMachine, namespace: namespace, name: name, options: options)
        return try await edit.run { object in
            guard object["metadata"]?["deletionTimestamp"]?.string == nil else {
                throw CommandFailure.error("\(subject) is being deleted; nothing was changed")
            }
            return try change(object)
        }
    }

    /// Asks the node that holds the machine to start or restart it.
    ///
    /// It is sent once: a second request would end the guest that the first one has just started.
    ///
    /// - Parameter done: What the machine was not, in errors.
    func ask(_ verb: MachineVerb, done: String) async throws -> MachineVerbOutcome {
        let answer: Answered<MachineVerbAnswer>
        do {
            answer = try await client.connection.post(.verb(verb, on: key), nil, request: nil)
        } catch {
            if error.isConflict { throw CommandFailure.error("\(subject) was not \(done): \(error.plainMessage)") }
            guard error.isOutcomeUnknown else { throw CommandFailure(text: error.text) }
            throw CommandFailure(
                text: """
                    error: outcome unknown: \(subject) may have been \(done), or may be yet
                    \(error.text)
                    See `blixard vm status \(name)` before you ask for another \(verb.rawValue).
                    """)
        }
        return answer.body.outcome
    }

    /// When the newest process that is known now was started.
    func lastStartedAt() async throws -> String? {
        try await client.object(.virtualMachine, namespace: namespace, name: name).lastStartedAt
    }

    /// Follows the machine until it is as it shall be, and says so.
    func wait(for goal: MachineGoal, _ options: MachineWaitOptions) async throws {
        let end = try await MachineWait(
            machine: self, goal: goal, timeoutMilliseconds: options.timeout.milliseconds
        ).run()
        try client.world.output.line("\(subject) \(goal.word)" + (end.map { ": \($0)" } ?? ""))
    }
}

extension JSON {
    /// Of a machine, with its default.
    var runStrategy: String { self["spec"]?["runStrategy"]?.string ?? "Always" }
    /// Of a machine: when the newest process was started, also one that has ended.
    var lastStartedAt: String? {
        self["status"]?["lastStartedAt"]?.string ?? self["status"]?["startedAt"]?.string
    }
    /// Of a machine: whether `vm stop` stopped it.
    var isStoppedByHand: Bool { self["spec"]?["stopped"]?.bool == true }
}
