/// The last changes of objects, for readers that follow the fleet.
///
/// It is not part of the replicated state: a replica that started from a snapshot knows only what came after.
struct ChangeFeed: Sendable {
    /// A change by reference: a chunk of them, which is copied when a reader holds a copy, is many references and not
    /// many times more.
    private final class Kept: Sendable {
        let change: Change

        init(_ change: Change) {
            self.change = change
        }
    }

    private var changes = Queue<Kept>()
    private let capacity: Int
    /// Everything after this revision is here.
    private(set) var floor: UInt64

    init(floor: UInt64, capacity: Int) {
        precondition(capacity > 0, "a feed of \(capacity) changes")
        self.floor = floor
        self.capacity = capacity
    }

    mutating func append(_ change: Change) {
        changes.append(Kept(change))
        if changes.count > capacity, let oldest = changes.popFirst() { floor = oldest.change.revision }
    }

    /// - Parameter current: The fleet's change counter; a cursor beyond it is not from this history.
    func changes(after revision: UInt64, current: UInt64) -> ChangesResult {
        guard revision >= floor, revision <= current else { return .expired }
        var low = 0
        var high = changes.count
        while low < high {
            let middle = low + (high - low) / 2
            if changes[middle].change.revision <= revision { low = middle + 1 } else { high = middle }
        }
        return .changes((low..<changes.count).map { changes[$0].change })
    }
}
