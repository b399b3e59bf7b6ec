import Fleet
import Manifest
import Primitives
import Reconcile

/// Follows Git repositories: has each fetched when that is due, puts the commit into force, and records what came of it.
///
/// One fetch and one proposal are under way at a time for each repository. What was read is remembered until the
/// leadership ends.
struct SourceDuty: Sendable {
    /// What is proposed and not applied.
    private struct Proposal: Sendable {
        var request: RequestID
        var since: Instant
        var step: Step
    }

    /// What an entry does for a repository.
    enum Step: Sendable {
        /// Applies what was read, as a set whose newest revision is the expected one.
        case apply(set: String, expected: UInt64, healing: [ObjectKey])
        case report(SourceFinding)
    }

    /// What the log is to take.
    struct Wish: Sendable {
        var key: ObjectKey
        var request: RequestID
        var command: Command
        var step: Step
    }

    /// By the keys of their objects.
    private(set) var memories: [ObjectKey: SourceMemory] = [:]
    private var underWay: [ObjectKey: Proposal] = [:]
    /// When it is tried again to propose what the log did not take.
    private var retries: [ObjectKey: Instant] = [:]
    /// The revision of the fleet up to which the objects are followed; nil before the first time.
    private var followed: UInt64?
    /// The key that sealed the Secrets among what was read.
    private var secretsKey: SecretsKey?

    // MARK: The fleet

    /// Takes what has changed of the objects.
    mutating func follow(_ fleet: Fleet, at now: Instant) {
        guard followed != fleet.revision else { return }
        followed = fleet.revision
        if secretsKey != fleet.secretsKey {
            secretsKey = fleet.secretsKey
            for key in memories.keys { memories[key]?.forgetContent() }
        }
        let objects = fleet.objects(kind: KindInfo.gitRepository.kind, namespace: nil)
        guard !objects.isEmpty || !memories.isEmpty else { return }
        var kept: [ObjectKey: SourceMemory] = [:]
        for object in objects where object.deletion == nil {
            guard var memory = memories[object.key], memory.uid == object.uid else {
                kept[object.key] = SourceMemory(of: object, at: now)
                forget(object.key)
                continue
            }
            memory.follow(object, at: now)
            kept[object.key] = memory
        }
        for key in memories.keys where kept[key] == nil { forget(key) }
        memories = kept
    }

    private mutating func forget(_ key: ObjectKey) {
        underWay[key] = nil
        retries[key] = nil
    }

    // MARK: What comes from outside

    /// The shell has ended a fetch.
    mutating func answered(
        _ order: SourceOrder, _ answer: SourceAnswer, at now: Instant, generator: inout SeededGenerator
    ) {
        guard memories[order.key]?.uid == order.uid else { return }
        memories[order.key]?.answered(order, answer, at: now, generator: &generator)
    }

    /// A user wants a repository fetched now.
    mutating func want(_ name: String, request: RequestID, at now: Instant) -> SourceVerdict {
        let key = KindInfo.gitRepository.key(namespace: "", name: name)
        guard let memory = memories[key] else { return .missing }
        guard memory.isFollowed else { return memory.spec == nil ? .notUnderstood : .suspended }
        let waits = memory.flight != nil
        return .accepted(memories[key]?.want(request, at: now) ?? request, waits: waits)
    }

    // MARK: Steps

    /// Does what is due, up to the next thing that the log is to take; nil if there is none. It is answered by
    /// ``proposed(_:at:)`` or ``notTaken(_:_:at:)``.
    mutating func next(
        in fleet: Fleet, at moment: Moment, generator: inout SeededGenerator, effects: inout Effects
    ) -> Wish? {
        guard !memories.isEmpty else { return nil }
        for key in memories.keys.sorted() {
            if let wish = next(of: key, in: fleet, at: moment, generator: &generator, effects: &effects) {
                return wish
            }
        }
        return nil
    }

    private mutating func next(
        of key: ObjectKey, in fleet: Fleet, at moment: Moment, generator: inout SeededGenerator, effects: inout Effects
    ) -> Wish? {
        let now = moment.now
        memories[key]?.late(at: now, generator: &generator)
        if let proposal = underWay[key] {
            guard now - proposal.since >= ReplicaTiming.writeMilliseconds else { return nil }
            // It may be applied yet: the revision that it expects makes sure that it is applied once.
            underWay[key] = nil
            if case .apply = proposal.step { memories[key]?.judgeAgain() }
        }
        if let retry = retries[key], retry > now { return nil }
        retries[key] = nil
        while let memory = memories[key], let object = fleet[key], object.uid == memory.uid {
            switch planSource(memory, of: object, in: fleet, now: now, wall: moment.wall) {
            case .wait: return nil
            case .fetch(let location):
                let order = memories[key]?.begin(location, number: generator.next(), at: now)
                if let order { effects.append(.fetchSource(order)) }
            case .find(let result): memories[key]?.judged(result, at: now)
            case .forget(let finding): memories[key]?.told(finding)
            case .apply(let change, let healing):
                let request = RequestID.random(using: &generator)
                return Wish(
                    key: key, request: request, command: .write(Self.write(change, request, in: fleet)),
                    step: .apply(
                        set: change.set?.name ?? "", expected: change.set?.expectedRevision ?? 0, healing: healing))
            case .report(let report, let finding):
                return Wish(
                    key: key, request: RequestID.random(using: &generator), command: .sourceReport(report),
                    step: .report(finding))
            }
        }
        return nil
    }

    /// With what changes of machines were judged against, as in writes of users.
    private static func write(_ change: DesiredChange, _ request: RequestID, in fleet: Fleet) -> WriteCommand {
        var change = change
        change.mutations = judged(change.mutations, in: fleet)
        return WriteCommand(request: request, baseRevision: fleet.revision, change: change)
    }

    // MARK: The log

    mutating func proposed(_ wish: Wish, at now: Instant) {
        underWay[wish.key] = Proposal(request: wish.request, since: now, step: wish.step)
    }

    mutating func notTaken(_ wish: Wish, _ failure: WriteFailure, at now: Instant) {
        if case .tooLarge = failure {
            let refusal = Refusal(reason: .limit, key: nil, field: nil, message: failure.description)
            memories[wish.key]?.judged(.refused([refusal]), at: now)
        } else {
            retries[wish.key] = now + ReplicaTiming.livenessMilliseconds
        }
    }

    /// An entry of the leader's own was applied.
    ///
    /// - Parameter fleet: After it.
    mutating func decided(_ request: RequestID, _ outcome: CommandOutcome, in fleet: Fleet, at now: Instant) {
        guard let (key, proposal) = underWay.first(where: { $0.value.request == request }) else { return }
        underWay[key] = nil
        switch (proposal.step, outcome) {
        case (.report(let finding), _): memories[key]?.told(finding)
        case (.apply(_, _, let healing), .written(let answer)):
            let revision = answer.set?.revision ?? 0
            memories[key]?.judged(
                healing.isEmpty ? .applied(revision: revision) : .healed(healing, revision: revision), at: now)
        case (.apply(let set, let expected, _), .refused(let refusals)):
            let revision = fleet.manifestSet(named: set)?.lastRevision ?? 0
            if outcome.isStale || revision != expected {
                // Another write came between.
                memories[key]?.judgeAgain()
            } else {
                memories[key]?.judged(.refused(refusals), at: now)
            }
        default: memories[key]?.judgeAgain()
        }
    }
}
