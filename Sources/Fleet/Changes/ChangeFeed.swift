/// The last changes of objects, for readers that follow the fleet.
///
/// It is not part of the replicated state: a replica that started from a snapshot knows only what came after.
struct ChangeFeed: Sendable {
    private var changes: Queue<Change>
    private let capacity: Int
    /// Everything after this revision is here.
    private(set) var floor: UInt64

    init(floor: UInt64, capacity: Int) {
        precondition(capacity > 0, "a feed of \(capacity) changes")
        self.floor = floor
        self.capacity = capacity
        changes = Queue()
    }

    mutating func append(_ change: Change) {
        changes.append(change)
        if changes.count > capacity, let oldest = changes.popFirst() { floor = oldest.revision }
    }

    /// - Parameter current: The fleet's change counter; a cursor beyond it is not from this history.
    func changes(after revision: UInt64, current: UInt64) -> ChangesResult {
        guard revision >= floor, revision <= current else { return .expired }
        var low = 0
        var high = changes.count
        while low < high {
            let middle = low + (high - low) / 2
            if changes[middle].revision <= revision { low = middle + 1 } else { high = middle }
        }
        return .changes((low..<changes.count).map { changes[$0] })
    }
}
