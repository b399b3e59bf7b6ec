import Primitives

/// The configurations of a search: which operations have taken effect, and the state after them. What was tried from
/// one of them need not be tried again.
///
/// An open-addressed table over flat arrays: a configuration costs its set of operations, its state and 12 to 24 bytes.
/// Two are equal only if set and state are; the hash alone decides nothing.
struct VisitedConfigurations<State: Hashable> {
    private let wordCount: Int
    /// How many configurations may be remembered.
    private var limit = 0
    /// Positions in the arrays below plus one; 0 is free. A power of two long, at most half of it taken.
    private var table: [Int32] = Array(repeating: 0, count: 64)
    private var hashes: [UInt64] = []
    private var words: [UInt64] = []
    private var states: [State] = []

    /// - Parameter operationCount: How many operations there are in all.
    init(operationCount: Int) { wordCount = (operationCount + 63) / 64 }

    /// What the configurations take, without what their states hold elsewhere.
    var bytes: Int { states.count * bytesEach }

    private var bytesEach: Int { 8 * wordCount + MemoryLayout<State>.stride + 24 }

    /// Bounds what is remembered from now on; what was remembered before stays.
    mutating func limit(bytes: Int) { limit = min(Int(Int32.max) - 1, bytes / bytesEach) }

    /// Whether the configuration is new; it is remembered then, if there is room.
    ///
    /// - Parameter setHash: Equal for equal sets.
    mutating func insert(_ set: [UInt64], setHash: UInt64, _ state: State) -> Bool {
        var hash = StableHash()
        hash.combine(setHash ^ UInt64(bitPattern: Int64(state.hashValue)))
        let key = hash.value
        var slot = Int(truncatingIfNeeded: key) & (table.count - 1)
        while table[slot] != 0 {
            if holds(Int(table[slot]) - 1, key, set, state) { return false }
            slot = (slot + 1) & (table.count - 1)
        }
        guard states.count < limit else { return true }
        hashes.append(key)
        words.append(contentsOf: set)
        states.append(state)
        table[slot] = Int32(states.count)
        if 2 * states.count > table.count { grow() }
        return true
    }

    private func holds(_ position: Int, _ key: UInt64, _ set: [UInt64], _ state: State) -> Bool {
        guard hashes[position] == key else { return false }
        let start = position * wordCount
        for word in 0..<wordCount where words[start + word] != set[word] { return false }
        return states[position] == state
    }

    private mutating func grow() {
        table = Array(repeating: 0, count: 2 * table.count)
        for (position, key) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: key) & (table.count - 1)
            while table[slot] != 0 { slot = (slot + 1) & (table.count - 1) }
            table[slot] = Int32(position + 1)
        }
    }
}
