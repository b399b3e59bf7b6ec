import Fleet
import Raft

/// Writes that this leader has encoded and not proposed yet: what arrives together is proposed as one, so that it
/// shares one append and one message to each follower.
struct ProposalBatch: Sendable {
    /// The one that is told if consensus takes none of them.
    enum Origin: Sendable {
        case here
        case member(NodeID)
    }

    struct Item: Sendable {
        var request: RequestID
        var origin: Origin
        var entry: Entry
    }

    /// Proposals are taken together or not at all; this bounds how much stands or falls as one.
    static let bytesLimit = 1 << 20

    /// In the order in which they came.
    private var items: [Item] = []
    /// The sum of their encoded commands.
    private var bytes = 0
    /// The ends of batches that were proposed and may not be committed.
    private var open: [LogPosition] = []

    var isEmpty: Bool { items.isEmpty }
    var isFull: Bool { bytes >= Self.bytesLimit }

    /// A new batch begins while at most one is on its way to a quorum, so that a busy leader puts into the next one all
    /// that arrives meanwhile: each batch costs every member an append and an answer.
    func isDue(committed: LogIndex, in term: Term) -> Bool {
        isFull || open.count { $0.term == term && $0.index > committed } < 2
    }

    mutating func add(_ data: [UInt8], of request: RequestID, from origin: Origin) {
        items.append(Item(request: request, origin: origin, entry: Entry(term: .zero, index: .zero, data: data)))
        bytes += data.count
    }

    mutating func take() -> [Item] {
        defer {
            items = []
            bytes = 0
        }
        return items
    }

    /// What was taken stands in the log, up to this end of it.
    mutating func proposed(through end: LogPosition, committed: LogIndex) {
        // Of an earlier term: another leader's log may lack it.
        open.removeAll { $0.term != end.term || $0.index <= committed }
        open.append(end)
    }
}
