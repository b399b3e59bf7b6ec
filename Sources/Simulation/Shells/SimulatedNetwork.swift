import Primitives

/// Which nodes reach which, and how.
struct SimulatedNetwork {
    /// A way from one node to another.
    struct Link: Hashable {
        var sender: Int
        var receiver: Int
    }

    private struct Partition {
        var number: Int
        /// Nothing passes here.
        var blocked: Set<Link>
    }

    private var partitions: [Partition] = []
    private var count = 0
    /// How much later everything arrives, in milliseconds.
    private var clogs: [Link: Int64] = [:]
    /// When the last message of a link arrives.
    private var lastArrivals: [Link: Instant] = [:]

    func isCut(from sender: Int, to receiver: Int) -> Bool {
        guard !partitions.isEmpty else { return false }
        let link = Link(sender: sender, receiver: receiver)
        return partitions.contains { $0.blocked.contains(link) }
    }

    /// Whether a connection, which needs both ways, can be.
    func isConnected(_ one: Int, _ other: Int) -> Bool {
        !isCut(from: one, to: other) && !isCut(from: other, to: one)
    }

    /// Cuts everything between two sides.
    mutating func cut(_ left: [Int], from right: [Int], bothWays: Bool) -> Int {
        var blocked: Set<Link> = []
        for one in left {
            for other in right where other != one {
                blocked.insert(Link(sender: one, receiver: other))
                if bothWays { blocked.insert(Link(sender: other, receiver: one)) }
            }
        }
        count += 1
        partitions.append(Partition(number: count, blocked: blocked))
        return count
    }

    mutating func heal(_ number: Int) { partitions.removeAll { $0.number == number } }

    mutating func clog(from sender: Int, to receiver: Int, by milliseconds: Int64) {
        clogs[Link(sender: sender, receiver: receiver)] = milliseconds
    }

    mutating func unclog(from sender: Int, to receiver: Int) { clogs[Link(sender: sender, receiver: receiver)] = nil }

    mutating func healAll() {
        partitions = []
        clogs = [:]
    }

    /// When a message arrives that would take until `moment` on a free link.
    ///
    /// - Returns: The moment, and whether it overtakes another.
    mutating func arrival(
        from sender: Int, to receiver: Int, at moment: Instant, keepsOrder: Bool
    ) -> (moment: Instant, overtakes: Bool) {
        let link = Link(sender: sender, receiver: receiver)
        let arrival = moment + (clogs[link] ?? 0)
        let last = lastArrivals[link] ?? arrival
        let ordered = max(arrival, last)
        lastArrivals[link] = ordered
        return keepsOrder ? (ordered, false) : (arrival, arrival < last)
    }
}
