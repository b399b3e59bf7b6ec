import Fleet
import Glibc
import Hypervisor
import Primitives
import Raft
import Reconcile
import Replica
import Wire

// What some of the planted bugs do; the others are a word at the place where they belong.
extension SimulationRun {
    /// A message as a receiver with the planted bug takes it.
    func misread(_ message: PeerMessage, by receiver: Int) -> PeerMessage {
        guard let bug = options.plantedBug, case .raft(var raft) = message else { return message }
        switch (bug, raft.kind) {
        case (.grantRefusedVotes, .voteResponse), (.grantRefusedVotes, .preVoteResponse): raft.reject = false
        case (.spoilEntries, .append):
            for position in raft.entries.indices where !raft.entries[position].data.isEmpty {
                raft.entries[position].data[raft.entries[position].data.count - 1] ^= 1
            }
        case (.commitAhead, .heartbeat):
            // No further than the log goes: that would be noticed at once.
            raft.commit = nodes[receiver].agent?.replica.logEnd.index ?? raft.commit
        default: return message
        }
        return .raft(raft)
    }

    /// A snapshot with one user's label changed.
    static func spoiled(_ snapshot: [UInt8]) -> [UInt8] {
        let name = Array(CanonicalHistory.mark.utf8)
        var spoiled = snapshot
        for start in snapshot.indices.dropLast(name.count + 1)
        where snapshot[start...].starts(with: name) && snapshot[start + name.count] > 0 {
            // The label's value: its length and its bytes, of which the first is a digit.
            spoiled[start + name.count + 1] ^= 1
            break
        }
        return spoiled
    }

    /// What an impatient agent would do at its start.
    mutating func startAll(in fleet: Fleet, _ run: AgentRun) throws(Violation) {
        for object in fleet.bound(to: nodes[run.node].name) {
            guard let desired = DesiredMachine(object),
                let spec = MachineSpec(desired, images: ImageShelf(holdings: [:]), observed: nil)
            else { continue }
            try driverBegins(object.uid, .start(spec), run)
        }
    }

    /// What a careless agent would do at its start.
    func deleteStrangers(_ index: Int, unknownTo fleet: Fleet) throws(Violation) {
        let known = Set(fleet.objects(kind: "VirtualMachine", namespace: nil).map(\.uid))
        for uid in nodes[index].machines.machines.keys.sorted() where !known.contains(uid) {
            try checkDeletion(uid, index)
        }
    }

    /// What a client with the planted bug sends in place of what its user asked for.
    func mistaken(_ change: DesiredChange) -> DesiredChange {
        var change = change
        switch options.plantedBug {
        case .liftSetGuards:
            change.set?.allowsEmpty = true
            change.set?.maxPrunePercent = 100
        case .applyOtherSet: if change.set != nil { change.set?.name = "set-0" }
        case .halfASet: if change.set != nil { change.mutations.removeLast(change.mutations.count / 2) }
        default: break
        }
        return change
    }

    /// Ends the program, or never ends, in each fourth seed.
    func breakDown() {
        guard seed.isMultiple(of: 4) else { return }
        switch options.plantedBug {
        case .trap: preconditionFailure("the planted bug of seed \(seed)")
        case .hang: while true { _ = pause() }
        default: break
        }
    }
}
