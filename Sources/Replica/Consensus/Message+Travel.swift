import Raft

extension Message.Kind {
    /// Whether members say it to each other. The others are a node's own affair: a leader that took a proposal of
    /// consensus from a member would record what was never judged, and perhaps can't be read.
    var travels: Bool {
        switch self {
        case .append, .appendResponse, .vote, .voteResponse, .preVote, .preVoteResponse, .snapshot, .heartbeat,
            .heartbeatResponse, .timeoutNow, .readIndex, .readIndexResponse:
            true
        case .propose, .transferLeader, .forgetLeader, .hup, .beat, .unreachable, .snapshotStatus, .checkQuorum,
            .storageAppend, .storageAppendResponse, .storageApply, .storageApplyResponse:
            false
        }
    }
}

extension Message {
    /// Whether taking it needs room in the log.
    var growsLog: Bool { kind == .snapshot || (kind == .append && !entries.isEmpty) }
}

extension [Message] {
    /// Lets a candidate's requests wait until its term and its own vote are durable.
    ///
    /// The others alone may elect it. If it then forgot its term in a crash, they would elect it again in the same
    /// term, and it would give two entries the same index and term.
    var withVotesAfterAppend: [Message] {
        let requests = filter { $0.kind == .vote }
        guard !requests.isEmpty, let position = firstIndex(where: { $0.to == .appendThread }) else { return self }
        var messages = self
        messages[position].responses.insert(contentsOf: requests, at: 0)
        messages.removeAll { $0.kind == .vote }
        return messages
    }
}
