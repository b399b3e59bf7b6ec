import Primitives

/// What is to happen, by time; what was scheduled first for a moment happens first.
struct EventQueue {
    private struct Item {
        var at: Instant
        var number: UInt64
        var event: SimulationEvent

        func isBefore(_ other: Item) -> Bool { (at, number) < (other.at, other.number) }
    }

    /// A binary heap, the earliest first.
    private var heap: [Item] = []
    private var count: UInt64 = 0

    mutating func schedule(_ event: SimulationEvent, at moment: Instant) {
        count += 1
        heap.append(Item(at: moment, number: count, event: event))
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func next() -> (at: Instant, event: SimulationEvent)? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return (first.at, first.event)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].isBefore(heap[least]) {
                least = child
            }
            if least == parent { return }
            heap.swapAt(least, parent)
            parent = least
        }
    }
}
