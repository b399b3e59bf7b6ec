import Fleet
import Journal
import Mesh
import Raft
import Replica

/// The node's figures in Prometheus' text form (exposition format 0.0.4). They name no object and no key.
struct AgentMetrics {
    let core: AgentCore

    init(_ core: AgentCore) {
        self.core = core
    }

    func text() -> String {
        var lines: [String] = []
        func metric(_ name: String, _ type: String, _ help: String, _ samples: [(labels: String, value: String)]) {
            lines.append("# HELP blixard_\(name) \(help)")
            lines.append("# TYPE blixard_\(name) \(type)")
            for sample in samples { lines.append("blixard_\(name)\(sample.labels) \(sample.value)") }
        }
        func gauge(_ name: String, _ help: String, _ value: some CustomStringConvertible) {
            metric(name, "gauge", help, [("", "\(value)")])
        }
        func counter(_ name: String, _ help: String, _ value: some CustomStringConvertible) {
            metric(name, "counter", help, [("", "\(value)")])
        }
        let facts = core.host.look { replica in
            (
                term: replica.term.rawValue, isLeader: replica.role == .leader, hasLeader: replica.leader != nil,
                commit: replica.commitIndex.rawValue, applied: replica.fleet.appliedIndex,
                revision: replica.fleet.revision, voters: replica.voterIDs.count,
                connected: replica.connectedVoterCount, refused: replica.refusedMessages
            )
        }
        gauge("raft_term", "The current Raft term.", facts.term)
        gauge("raft_is_leader", "1 while this node leads.", facts.isLeader ? 1 : 0)
        gauge("raft_has_leader", "1 while a leader is known.", facts.hasLeader ? 1 : 0)
        gauge("raft_commit_index", "The highest committed log index.", facts.commit)
        gauge("raft_applied_index", "The highest applied log index.", facts.applied)
        gauge("raft_voters", "Voters of the cluster.", facts.voters)
        gauge("raft_voters_connected", "Voters that this node is connected with, itself included.", facts.connected)
        counter("raft_messages_refused_total", "Messages of members that no correct member sends.", facts.refused)
        gauge("fleet_revision", "The fleet's change counter.", facts.revision)
        let journal = core.journalStatus.statistics
        counter("journal_written_bytes_total", "Bytes written to the log.", journal.bytesWritten)
        counter("journal_syncs_total", "Batches made durable, each by one sync.", journal.batches)
        counter("journal_entries_total", "Entries written to the log.", journal.entries)
        let peers = core.peerStates()
        gauge("mesh_peers_connected", "Peers with a live connection.", peers.count { $0.isConnected })
        counter(
            "mesh_messages_dropped_total", "Messages to peers that were dropped.", peers.reduce(0) { $0 + $1.dropped })
        counter(
            "mesh_messages_unreadable_total", "Messages of members that were dropped because they could not be read.",
            core.receiver.unreadable.count)
        counter(
            "mesh_messages_overflowed_total", "Messages of members that were dropped because too many were waiting.",
            core.host.droppedMessages)
        let counters = core.listenerCounters
        counter("mesh_connections_accepted_total", "Connections that were let in.", counters.accepted)
        metric(
            "mesh_connections_refused_total", "counter", "Connections that were refused, by reason.",
            Refusal.allCases.map { ("{reason=\"\($0.rawValue)\"}", "\(counters[$0])") })
        return lines.joined(separator: "\n") + "\n"
    }
}
