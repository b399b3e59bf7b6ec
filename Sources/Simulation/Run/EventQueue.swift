import Primitives

/// What is to happen, by time; what was scheduled first for a moment happens first.
struct EventQueue {
    /// A small stand-in for an event, because events are large and a heap moves what it holds.
    private struct Item {
        var at: Instant
        var number: UInt64
        /// Where the event is.
        var slot: Int

        func isBefore(_ other: Item) -> Bool { (at, number) < (other.at, other.number) }
    }

    /// A binary heap, the earliest first.
    private var heap: [Item] = []
    private var events: [SimulationEvent?] = []
    private var freeSlots: [Int] = []
    private var count: UInt64 = 0

    mutating func schedule(_ event: SimulationEvent, at moment: Instant) {
        count += 1
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
            events[slot] = event
        } else {
            slot = events.count
            events.append(event)
        }
        heap.append(Item(at: moment, number: count, slot: slot))
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
        guard let event = events[first.slot] else { preconditionFailure("slot \(first.slot) is empty") }
        events[first.slot] = nil
        freeSlots.append(first.slot)
        return (first.at, event)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in 2 * parent + 1...2 * parent + 2
            where child < heap.count && heap[child].isBefore(heap[least]) {
                least = child
            }
            if least == parent { return }
            heap.swapAt(least, parent)
            parent = least
        }
    }
}
