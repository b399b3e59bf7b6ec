public import Primitives

/// Keys that want a pass, each at most once, some of them only after a moment.
///
/// A key that is being worked on and added again is handed out once more when its pass is done, never at the same
/// time: one worker per key.
public struct WorkQueue<Key: Hashable & Comparable & Sendable>: Sendable {
    private var due: [Key: Instant] = [:]
    private var active: Set<Key> = []
    /// Nothing is due before; nil if there is nothing.
    private var earliest: Instant?

    public init() {}

    /// Wants a pass for this key at `instant` or earlier.
    public mutating func add(_ key: Key, at instant: Instant) {
        due[key] = min(due[key] ?? instant, instant)
        earliest = min(earliest ?? instant, instant)
    }

    /// The keys whose moment has come and that no worker has, in order; they count as active until ``finish(_:)``.
    public mutating func take(now: Instant) -> [Key] {
        // Asked with everything that happens to a node, and mostly nothing is due.
        guard let earliest, earliest <= now else { return [] }
        let ready = due.filter { $0.value <= now && !active.contains($0.key) }.keys.sorted()
        defer { self.earliest = due.values.min() }
        for key in ready {
            due[key] = nil
            active.insert(key)
        }
        return ready
    }

    public mutating func finish(_ key: Key) {
        precondition(active.remove(key) != nil, "\(key) was not being worked on")
    }

    public func isActive(_ key: Key) -> Bool { active.contains(key) }

    public mutating func remove(_ key: Key) {
        due[key] = nil
    }

    public var isEmpty: Bool { due.isEmpty }
    public var nextDue: Instant? { due.values.min() }
}
