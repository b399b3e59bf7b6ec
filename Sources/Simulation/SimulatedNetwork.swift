import Primitives

/// Who reaches whom, and how.
struct SimulatedNetwork {
    struct Partition: Equatable {
        var number: Int
        /// Ordered pairs of sender and receiver between which nothing passes.
        var blocked: Set<Int>
    }

    let nodes: Int
    private(set) var partitions: [Partition] = []
    private var count = 0

    init(nodes: Int) {
        self.nodes = nodes
    }

    func isCut(from sender: Int, to receiver: Int) -> Bool {
        partitions.contains { $0.blocked.contains(sender * nodes + receiver) }
    }

    /// Cuts everything between two sides.
    mutating func cut(_ left: [Int], from right: [Int], bothWays: Bool) -> Int {
        var blocked: Set<Int> = []
        for one in left {
            for other in right where other != one {
                blocked.insert(one * nodes + other)
                if bothWays { blocked.insert(other * nodes + one) }
            }
        }
        count += 1
        partitions.append(Partition(number: count, blocked: blocked))
        return count
    }

    mutating func heal(_ number: Int) { partitions.removeAll { $0.number == number } }

    mutating func healAll() { partitions = [] }
}
