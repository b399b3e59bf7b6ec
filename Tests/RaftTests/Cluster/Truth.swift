import Raft
import Testing

/// What has been seen of a cluster, and what must therefore hold for ever.
struct Truth {
    private var leaderOfTerm: [Term: NodeID] = [:]
    private var committed: [LogIndex: Entry] = [:]
    private var highestCommitted = LogIndex(1)
    /// The term of whoever first knew of that: leaders of later terms must have it.
    private var highestCommittedBy = Term(1)
    private var grants: [Grant: NodeID] = [:]
    private var last: [NodeID: Seen] = [:]
    /// Everything that anybody applied, by index.
    private var appliedEntries: [Entry] = []

    private struct Grant: Hashable {
        var voter: NodeID
        var term: Term
    }

    private struct Seen {
        var term: Term
        var commit: LogIndex
        var vote: NodeID?
    }

    /// A message that left a node can't be taken back: a vote is given once in a term.
    mutating func note(_ message: Message) {
        guard message.kind == .voteResponse, !message.reject else { return }
        let grant = Grant(voter: message.from, term: message.term)
        if let other = grants[grant] {
            must(other == message.to, "\(message.from) voted twice in term \(message.term)")
        }
        grants[grant] = message.to
    }

    mutating func noteApplied(_ entries: [Entry]) {
        for entry in entries where entry.index > appliedEntries.last?.index ?? LogIndex(1) {
            must(entry.index == (appliedEntries.last?.index ?? LogIndex(1)).next, "applied with a gap")
            appliedEntries.append(entry)
        }
    }

    func applied(upTo index: LogIndex) -> [Entry] {
        index > LogIndex(1) ? Array(appliedEntries.prefix(index - LogIndex(1))) : []
    }

    /// The commit index may be forgotten in a crash, but nothing durable.
    mutating func restarted(_ id: NodeID) { last[id] = nil }

    mutating func check(_ cluster: Cluster) {
        for (id, member) in cluster.members {
            checkProgress(id, member)
            if member.node.isLeader { checkLeader(id, member, cluster) }
            checkCommitted(id, member.node)
            let count = member.appliedIndex > LogIndex(1) ? member.appliedIndex - LogIndex(1) : 0
            must(member.applied.count == count, "\(id) applied with a gap, or twice")
            if count > 0 {
                must(member.applied.last == appliedEntries[count - 1], "\(id) applied something else")
            }
        }
    }

    private mutating func checkProgress(_ id: NodeID, _ member: Cluster.Member) {
        let node = member.node
        let state = node.hardState
        must(state.term >= node.storage.hardState.term, "the term of \(id) is behind its disk")
        must(node.appliedIndex <= node.commitIndex && node.commitIndex <= node.lastIndex, "\(id) is out of order")
        if let before = last[id] {
            must(state.term >= before.term, "the term of \(id) fell")
            must(state.commit >= before.commit, "the commit index of \(id) fell")
            if state.term == before.term, let vote = before.vote {
                must(state.vote == vote, "\(id) changed its vote in term \(state.term)")
            }
        }
        last[id] = Seen(term: state.term, commit: state.commit, vote: state.vote)
    }

    private mutating func checkLeader(_ id: NodeID, _ member: Cluster.Member, _ cluster: Cluster) {
        let node = member.node
        must(leaderOfTerm[node.term, default: id] == id, "two leaders in term \(node.term)")
        leaderOfTerm[node.term] = id
        for peer in node.status.peers {
            must(peer.progress.match < peer.progress.next, "\(peer.id) is sent again what it has")
            must(peer.progress.match <= node.lastIndex, "\(peer.id) acknowledged more than there is")
            guard peer.id != id, let storage = cluster.members[peer.id]?.node.storage,
                storage.hardState.term == node.term
            else { continue }
            // What is acknowledged is durable, and is what the leader has.
            let match = peer.progress.match
            guard let stored = storage.term(at: match) else {
                must(match < storage.firstIndex, "\(peer.id) acknowledged \(match) but stored \(storage.lastIndex)")
                continue
            }
            if let own = node.term(at: match) { must(stored == own, "\(peer.id) holds another entry \(match)") }
        }
    }

    /// Whatever was committed anywhere is the same everywhere, and in the log of every later leader.
    private mutating func checkCommitted(_ id: NodeID, _ node: RaftNode) {
        let first = max(node.storage.firstIndex, LogIndex(2))
        let commit = node.commitIndex
        if commit > highestCommitted, let entries = node.entries(from: max(first, highestCommitted.next)) {
            for entry in entries where entry.index <= commit { committed[entry.index] = entry }
            highestCommitted = commit
            highestCommittedBy = node.term
        }
        for index in [commit, commit - min(1, commit - .zero)] where index >= first {
            if let term = node.term(at: index), let known = committed[index] {
                must(known.term == term, "\(id) committed another entry \(index)")
            }
        }
        guard node.isLeader, node.term > highestCommittedBy, let best = committed[highestCommitted] else { return }
        if highestCommitted >= first {
            must(node.term(at: highestCommitted) == best.term, "leader \(id) lacks committed entry \(highestCommitted)")
        }
    }
}

/// Like an expectation, but cheap where it holds: it is asked many thousand times.
private func must(_ holds: Bool, _ otherwise: @autoclosure () -> String) {
    if !holds { Issue.record("\(otherwise())") }
}
