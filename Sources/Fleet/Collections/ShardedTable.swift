/// A dictionary as a value whose copies share what they have in common.
///
/// Readers hold copies of a fleet while entries are applied to it, and a plain dictionary of 100,000 answers would be
/// copied whole by the next change. Here a change costs one of 4,096 shards and two short lists of them.
struct ShardedTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private static var width: Int { 64 }

    /// None, or `width` rows, each of no shard or of `width`.
    private var rows: [[[Key: Value]]] = []
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// In no order; a copy.
    var values: [Value] { collect { $0.append(contentsOf: $1.values) } }
    /// In no order; a copy.
    var keys: [Key] { collect { $0.append(contentsOf: $1.keys) } }

    /// Most shards of a small table are empty. (A key path in generic code would be made anew for each of them.)
    private func collect<Element>(_ add: (inout [Element], [Key: Value]) -> Void) -> [Element] {
        var all: [Element] = []
        all.reserveCapacity(count)
        for row in rows {
            for shard in row where !shard.isEmpty { add(&all, shard) }
        }
        return all
    }

    subscript(key: Key) -> Value? {
        get {
            guard !rows.isEmpty else { return nil }
            let (row, shard) = Self.place(of: key)
            return rows[row].isEmpty ? nil : rows[row][shard][key]
        }
        set {
            if let newValue { updateValue(newValue, forKey: key) } else { removeValue(forKey: key) }
        }
    }

    /// Answers the value that was there.
    @discardableResult
    mutating func updateValue(_ value: Value, forKey key: Key) -> Value? {
        let (row, shard) = Self.place(of: key)
        if rows.isEmpty { rows = Array(repeating: [], count: Self.width) }
        if rows[row].isEmpty { rows[row] = Array(repeating: [:], count: Self.width) }
        let old = rows[row][shard].updateValue(value, forKey: key)
        if old == nil { count += 1 }
        return old
    }

    /// Answers the value that was there.
    @discardableResult
    mutating func removeValue(forKey key: Key) -> Value? {
        guard self[key] != nil else { return nil }
        let (row, shard) = Self.place(of: key)
        count -= 1
        return rows[row][shard].removeValue(forKey: key)
    }

    /// Which shard a key lies in: the same for equal keys within this process, and nothing that shows outside of it.
    private static func place(of key: Key) -> (row: Int, shard: Int) {
        let hash = UInt(bitPattern: key.hashValue)
        // A shard's own dictionary goes by the low bits.
        return (Int(hash >> 52) % width, Int(hash >> 46) % width)
    }
}

extension ShardedTable: Equatable where Value: Equatable {
    static func == (left: ShardedTable, right: ShardedTable) -> Bool {
        guard left.count == right.count else { return false }
        return left.rows.allSatisfy { row in
            row.allSatisfy { shard in shard.allSatisfy { right[$0.key] == $0.value } }
        }
    }
}
