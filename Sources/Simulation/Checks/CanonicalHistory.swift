import Fleet
import Manifest
import Primitives
import Raft
import Replica
import Wire

/// The one sequence of applied entries, learnt from the node that applies an index first, and what follows from it.
///
/// Every other node is compared with it: entry by entry, and state by state.
struct CanonicalHistory {
    /// What the first entry of a request did.
    struct Decision: Equatable {
        var index: UInt64
        var outcome: CommandOutcome
    }

    /// The state after the last entry.
    private(set) var fleet = Fleet()
    private var entries: [Entry] = []
    private var stateHashes: [UInt64] = []
    private(set) var decisions: [RequestID: Decision] = [:]
    /// Every binding that was ever committed.
    private var bindings: [UID: Set<Binding>] = [:]
    private var deletions: Set<UID> = []
    /// What users want, from the writes that were taken alone.
    private(set) var wanted: [ObjectKey: [UInt8]] = [:]
    /// How often what a user did was taken, by its mark.
    private var marks: [String: Int] = [:]
    private var sets = SetLedger()
    private var sources = SourceLedger()

    private struct Binding: Hashable {
        var node: String
        var epoch: UInt64
    }

    /// The kinds of objects that users write and nothing else makes.
    private static let wantedKinds = [SimulatedUser.machineKind, SimulatedUser.registerKind]

    /// The label by which a user's doing is told from all others.
    static let mark = "operation"

    var lastIndex: UInt64 { UInt64(entries.count) }

    /// Takes what a node has applied; entries that are new here become the canonical ones.
    mutating func applied(_ new: [Entry], by node: NodeID) throws(Violation) {
        for entry in new {
            let position = Int(entry.index.rawValue) - 1
            if position < entries.count {
                guard entries[position] == entry else {
                    let data = entries[position].data == entry.data ? "the same" : "other"
                    throw Violation(
                        .stateMachineSafety,
                        "node \(node) applied entry \(entry.index) of term \(entry.term), others one of term "
                            + "\(entries[position].term) with \(data) data")
                }
            } else {
                guard position == entries.count else {
                    throw Violation(.stateMachineSafety, "node \(node) applied \(entry.index) after \(entries.count)")
                }
                try append(entry)
            }
        }
    }

    /// Compares a node's state with the one at the same index.
    func check(stateHash: UInt64, at index: UInt64, of node: NodeID) throws(Violation) {
        guard index > 0 else { return }
        guard index <= lastIndex else {
            throw Violation(.stateEquality, "node \(node) is at \(index), which no node has applied (\(lastIndex))")
        }
        guard stateHashes[Int(index) - 1] == stateHash else {
            throw Violation(.stateEquality, "node \(node) has another state at index \(index)")
        }
    }

    private mutating func append(_ entry: Entry) throws(Violation) {
        entries.append(entry)
        if let bytes = Self.record(of: entry) {
            guard let record = try? LogRecord(bytes) else {
                throw Violation(.coding, "entry \(entry.index) is unreadable")
            }
            let before = fleet.revision
            let voters = entry.isMembershipChange ? self.voters : []
            let outcome = fleet.apply(record.envelope, index: entry.index.rawValue)
            if case .write(let write) = record.envelope.command {
                try note(write, outcome, at: entry.index.rawValue, changed: fleet.revision != before)
            }
            noteChanges(after: before)
            if entry.isMembershipChange { try checkStep(from: voters, at: entry.index) }
        } else {
            fleet.skip(index: entry.index.rawValue)
        }
        stateHashes.append(fleet.stateHash)
    }

    private var voters: Set<UInt64> { Set(fleet.members.filter { $0.role == .voter }.map(\.id)) }

    /// One voter comes or goes at a time, so that the majorities before and after always overlap.
    private func checkStep(from before: Set<UInt64>, at index: LogIndex) throws(Violation) {
        let changed = before.symmetricDifference(voters)
        guard changed.count <= 1 || before.isEmpty else {
            throw Violation(.membership, "entry \(index) changes the voters \(changed.sorted()) at once")
        }
    }

    /// The batch of placements that an entry holds, with the request that it was proposed under.
    static func placement(of entry: Entry) -> (request: RequestID, batch: PlacementBatch)? {
        // An entry that can't be read was found when it was applied.
        guard let bytes = record(of: entry), let record = try? LogRecord(bytes),
            case .place(let batch) = record.envelope.command
        else { return nil }
        return (record.request, batch)
    }

    /// What an entry does, for people.
    static func text(of entry: Entry) -> String {
        guard let bytes = record(of: entry), let record = try? LogRecord(bytes) else { return "nothing" }
        switch record.envelope.command {
        case .write(let write): return "write \(write.request)"
        case .report(let report):
            let machines = report.machines.map { machine in
                let phase = (try? VirtualMachineStatus(canonical: machine.status))?.phase.rawValue ?? "unreadable"
                return "\(machine.key.name) \(machine.removed ? "removed" : phase)"
            }
            return "report \(report.sequence) of \(report.member): " + machines.joined(separator: ", ")
        case .place(let batch):
            return "place "
                + batch.bindings.map { "\($0.key.name) on \($0.node)" }.joined(separator: ", ")
        case .join(let join): return "join of \(join.id)"
        case .promote(let id): return "promote \(id)"
        default: return "\(record.envelope.command)"
        }
    }

    private static func record(of entry: Entry) -> [UInt8]? {
        switch entry.kind {
        case .normal: entry.data.isEmpty ? nil : entry.data
        case .membership:
            // Unreadable ones are told by the nodes, which stop at them.
            (try? ConfChangeV2(decoding: entry.data)).flatMap { $0.context.isEmpty ? nil : $0.context }
        case .membershipV1: nil
        }
    }

    private mutating func note(
        _ write: WriteCommand, _ outcome: CommandOutcome, at index: UInt64, changed: Bool
    ) throws(Violation) {
        // Judged by a state that has changed since: nothing is decided yet, and it comes again.
        if outcome.isStale, !changed { return }
        if let first = decisions[write.request] {
            guard first.outcome == outcome, !changed else {
                throw Violation(
                    .writes, "request \(write.request) was taken at \(first.index) and did something again at \(index)")
            }
            return
        }
        decisions[write.request] = Decision(index: index, outcome: outcome)
        guard case .written(let answer) = outcome else { return }
        try sets.took(write, answer, at: index, fleet: fleet)
        try sources.took(write, answer, at: index)
        for (mutation, result) in zip(write.mutations, answer.results) {
            switch mutation {
            case .put(let put):
                if Self.wantedKinds.contains(put.key.kind) { wanted[put.key] = put.spec }
                guard let mark = put.labels[Self.mark] else { continue }
                let name = "\(mark) on \(put.key.name)"
                marks[name, default: 0] += 1
                guard marks[name] == 1 else { throw Violation(.writes, "\(name) was taken twice, now at \(index)") }
            case .delete(let delete):
                wanted[delete.key] = nil
                if let uid = result.uid { deletions.insert(uid) }
            }
        }
        for result in answer.pruned {
            wanted[result.key] = nil
            if let uid = result.uid { deletions.insert(uid) }
        }
    }

    private mutating func noteChanges(after revision: UInt64) {
        guard case .changes(let changes) = fleet.changes(after: revision) else { return }
        for change in changes {
            if change.kind == .deleted { sets.removed(change.object.key) }
            guard let binding = change.object.binding else { continue }
            bindings[change.object.uid, default: []].insert(Binding(node: binding.node, epoch: binding.epoch))
        }
    }

    /// What a user asks for, before any node has it.
    mutating func intends(_ request: RequestID, _ change: DesiredChange) { sets.intends(request, change) }

    // MARK: Asking

    /// That the revisions of all sets are whole.
    func checkSets() throws(Violation) { try sets.check(fleet) }

    func isBound(_ uid: UID, to node: String, epoch: UInt64) -> Bool {
        bindings[uid]?.contains(Binding(node: node, epoch: epoch)) ?? false
    }

    func isDeleted(_ uid: UID) -> Bool { deletions.contains(uid) }

    /// What differs between the users' accepted wishes and the state; nil if nothing does.
    func difference() -> String? {
        let objects = Self.wantedKinds.flatMap { fleet.objects(kind: $0, namespace: nil) }.filter { $0.deletion == nil }
        for object in objects where wanted[object.key] != object.spec {
            return "\(object.key.name) is not what was written last"
        }
        let there = Set(objects.map(\.key))
        for key in wanted.keys.sorted() where !there.contains(key) { return "\(key.name) was written and is not there" }
        return nil
    }
}
