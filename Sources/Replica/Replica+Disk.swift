import Raft
import Reconcile

/// What a node remembers while its disk has no room for the log.
struct DiskShortage: Sendable {
    /// Members to which leadership was handed in vain: they may have no room either.
    var tried: Set<NodeID> = []
}

// A disk that does not answer: whoever leads lets another lead, as nothing that it takes can become durable here.
extension Replica {
    mutating func diskTick() {
        appendsInFlight.tick()
        if appendsInFlight.silentTicks >= ReplicaTiming.diskStallTicks { raft.resign() }
    }
}

// A disk without room: the log must not grow, so this node leads no more, takes no entries, and keeps voting.
extension Replica {
    /// Whether this node takes no entries and no snapshots at the moment.
    public var isShortOfDisk: Bool { shortage != nil }

    mutating func diskShort(_ isShort: Bool) {
        guard isShort != (shortage != nil) else { return }
        shortage = isShort ? DiskShortage() : nil
        raft.abstains = isShort
        raft.refusesEntries = isShort
        reporter.nodeIsDirty = true
        effects.append(.notice(.diskShort(isShort)))
        shortageTick()
        considerSnapshot()
    }

    /// Hands leadership to the voter that is furthest, if there is one, and takes no office any more.
    mutating func handLeadershipOver() {
        raft.abstains = true
        guard raft.isLeader, raft.status.leadTransferee == nil, let heir = bestHeir(except: []) else { return }
        raft.transferLeader(to: heir)
    }

    /// The connected voter whose log is furthest.
    private func bestHeir(except tried: Set<NodeID>) -> NodeID? {
        voters.filter { $0 != identity.id && peers[$0]?.isConnected != false && !tried.contains($0) }
            .max { (raft.progress(of: $0)?.match ?? .zero) < (raft.progress(of: $1)?.match ?? .zero) }
    }

    /// A leader without room hands leadership to the voter that is furthest, and to another if that one does not take it.
    mutating func shortageTick() {
        guard var shortage, raft.isLeader, raft.status.leadTransferee == nil else { return }
        defer { self.shortage = shortage }
        let heirs = voters.filter { $0 != identity.id && peers[$0]?.isConnected != false }
        if heirs.allSatisfy(shortage.tried.contains) { shortage.tried = [] }
        guard let best = bestHeir(except: shortage.tried) else { return }
        shortage.tried.insert(best)
        raft.transferLeader(to: best)
    }
}

extension Message {
    /// Whether taking it needs room in the log.
    var growsLog: Bool { kind == .snapshot || (kind == .append && !entries.isEmpty) }
}
