import Mesh
import Raft
import Wire

extension PeerMessage {
    /// How it travels.
    ///
    /// What a leader appends must not overtake what it has appended before, with entries or without: the follower would
    /// reject it, and the leader would send everything again. Heartbeats, votes and answers stand for themselves, and
    /// no election may start because a large entry is on its way.
    var lane: Lane {
        if case .raft(let message) = self, message.kind == .append { return .inOrder }
        return .urgent
    }
}
