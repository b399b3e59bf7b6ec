/// Reads that wait until a majority has confirmed, after they came, that the leader still leads.
///
/// Every request gets a position of its own, which travels with heartbeats and comes back with their answers. An
/// answer to a position confirms everything up to it. The caller's context plays no part, so a request that is tried
/// again under the same context is a new one: an answer to a heartbeat from before it can't confirm it.
struct ReadQueue: Equatable, Sendable {
    struct Request: Equatable, Sendable {
        var position: UInt64
        /// The commit index when the request came.
        var index: LogIndex
        var message: Message
    }

    private(set) var requests: [Request] = []
    private var lastPosition: UInt64 = 0
    /// The highest position that each member has answered.
    private var confirmed = PeerMap<UInt64>()

    /// The position of the latest request that waits, as the context of a heartbeat; empty if none waits.
    var context: [UInt8] {
        guard let last = requests.last else { return [] }
        return ReadQueue.context(of: last.position)
    }

    mutating func add(_ message: Message, at index: LogIndex) {
        lastPosition += 1
        requests.append(Request(position: lastPosition, index: index, message: message))
    }

    /// Notes a heartbeat's answer.
    mutating func confirm(_ id: NodeID, context: [UInt8]) {
        guard let position = ReadQueue.position(of: context), position <= lastPosition else { return }
        if let known = confirmed[id], known >= position { return }
        confirmed[id] = position
    }

    /// Takes out the requests that a quorum has confirmed; the leader itself counts as having confirmed all.
    mutating func release(_ voters: JointQuorum, leader: NodeID) -> [Request] {
        guard !requests.isEmpty else { return [] }
        let upTo = voters.committedIndex { id in
            LogIndex(id == leader ? lastPosition : confirmed[id] ?? 0)
        }
        let count = requests.count { $0.position <= upTo.rawValue }
        defer { requests.removeFirst(count) }
        return Array(requests.prefix(count))
    }

    private static func context(of position: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: position >> (8 * $0)) }
    }

    private static func position(of context: [UInt8]) -> UInt64? {
        guard context.count == 8 else { return nil }
        return context.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
