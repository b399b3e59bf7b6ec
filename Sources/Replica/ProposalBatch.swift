import Fleet
import Raft

/// Writes that this leader has encoded and not proposed yet: what arrives together is proposed as one, so that it
/// shares one append and one message to each follower.
struct ProposalBatch: Sendable {
    /// Whoever is told if consensus takes none of them.
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

    private(set) var items: [Item] = []
    private var bytes = 0

    var isFull: Bool { bytes >= Self.bytesLimit }

    mutating func add(_ data: [UInt8], of request: RequestID, from origin: Origin) {
        items.append(Item(request: request, origin: origin, entry: Entry(term: .zero, index: .zero, data: data)))
        bytes += data.count
    }

    mutating func take() -> [Item] {
        defer { self = ProposalBatch() }
        return items
    }
}
