/// The calls and ends of the operations that are not yet in an order, as a doubly linked list by time.
///
/// Of `count` operations, entry `n` is the call of operation `n`, and entry `count + n` its end. An open operation has
/// no end in the list. Taking an operation out and putting it back cost the same at any length; they must be undone in
/// the reverse order in which they were done.
struct EntryList {
    private let count: Int
    private var next: [Int32]
    private var previous: [Int32]
    private let isOpen: [Bool]
    /// Stands before the first and after the last entry.
    private var sentinel: Int { 2 * count }

    /// - Parameters:
    ///   - order: Every call, and every end that there is, by time.
    ///   - isOpen: For each operation, whether it has no end.
    init(order: [Int], isOpen: [Bool]) {
        precondition(isOpen.count < Int(Int32.max) / 2, "\(isOpen.count) operations in one partition")
        count = isOpen.count
        self.isOpen = isOpen
        next = Array(repeating: 0, count: 2 * count + 1)
        previous = next
        var last = 2 * count
        for entry in order {
            next[last] = Int32(entry)
            previous[entry] = Int32(last)
            last = entry
        }
        next[last] = Int32(2 * count)
        previous[2 * count] = Int32(last)
    }

    var first: Int { Int(next[sentinel]) }

    func entry(after entry: Int) -> Int { Int(next[entry]) }

    /// The operation whose end comes first; one must be there.
    var firstEnd: Int {
        var entry = first
        while entry < count { entry = self.entry(after: entry) }
        precondition(entry < sentinel, "no end is left")
        return entry - count
    }

    mutating func take(_ operation: Int) {
        unlink(operation)
        if !isOpen[operation] { unlink(count + operation) }
    }

    mutating func putBack(_ operation: Int) {
        if !isOpen[operation] { link(count + operation) }
        link(operation)
    }

    private mutating func unlink(_ entry: Int) {
        next[Int(previous[entry])] = next[entry]
        previous[Int(next[entry])] = previous[entry]
    }

    private mutating func link(_ entry: Int) {
        next[Int(previous[entry])] = Int32(entry)
        previous[Int(next[entry])] = Int32(entry)
    }
}
