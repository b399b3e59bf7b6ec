/// The last changes of objects, for readers that follow the fleet.
///
/// It is not part of the replicated state: a replica that started from a snapshot knows only what came after.
struct ChangeFeed: Sendable {
    /// A change by reference: a chunk of them, which is copied when a reader holds a copy, is many references and not
    /// many times more.
    private final class Kept: Sendable {
        let change: Change
        let bytes: Int

        init(_ change: Change) {
            self.change = change
            bytes = change.object.variableBytes
        }
    }

    private var changes = Queue<Kept>()
    private var bytes = 0
    private let capacity: Int
    private let capacityBytes: Int
    /// Everything after this revision is here.
    private(set) var floor: UInt64

    init(floor: UInt64, bounds: FleetBounds) {
        precondition(bounds.changes > 0 && bounds.changeBytes > 0, "a feed of \(bounds)")
        self.floor = floor
        capacity = bounds.changes
        capacityBytes = bounds.changeBytes
    }

    mutating func append(_ change: Change) {
        let kept = Kept(change)
        changes.append(kept)
        bytes += kept.bytes
        while changes.count > capacity || (bytes > capacityBytes && changes.count > 1) {
            guard let oldest = changes.popFirst() else { break }
            bytes -= oldest.bytes
            floor = oldest.change.revision
        }
    }

    /// - Parameter current: The fleet's change counter; a cursor beyond it is not from this history.
    func changes(after revision: UInt64, current: UInt64, atMost limit: Int) -> ChangesResult {
        guard revision >= floor, revision <= current else { return .expired }
        var low = 0
        var high = changes.count
        while low < high {
            let middle = low + (high - low) / 2
            if changes[middle].change.revision <= revision { low = middle + 1 } else { high = middle }
        }
        return .changes((low..<min(changes.count, low + min(limit, changes.count))).map { changes[$0].change })
    }
}

extension FleetObject {
    /// How much of its size is not the same for every object. Names and numbers are left out.
    fileprivate var variableBytes: Int {
        func bytes(_ texts: [String: String]) -> Int {
            texts.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        }
        return spec.count + status.count + nodeStatuses.reduce(0) { $0 + $1.value.count } + bytes(labels)
            + bytes(annotations)
    }
}
