/// The append messages on their way to one follower: a ring of the last index and the payload bytes of each.
package struct Inflights: Hashable, Sendable {
    /// How much may be on its way.
    package struct Window: Hashable, Sendable {
        package var messages: Int
        /// Nil is no limit.
        package var bytes: UInt64?

        package init(messages: Int, bytes: UInt64?) {
            self.messages = messages
            self.bytes = bytes
        }
    }

    private struct Item: Hashable, Sendable {
        var index: LogIndex
        var bytes: UInt64
    }

    package let window: Window
    package private(set) var count = 0
    private var start = 0
    private var bytes: UInt64 = 0
    /// Grows up to the window: most followers never need all of it.
    private var ring: [Item] = []

    package init(window: Window) {
        self.window = window
    }

    /// Whether nothing more may be sent. The last message may exceed the limit of bytes.
    package var isFull: Bool {
        if count >= window.messages { return true }
        guard let limit = window.bytes else { return false }
        return bytes >= limit
    }

    /// Records a message whose last entry is `index`.
    package mutating func add(_ index: LogIndex, bytes: UInt64) {
        precondition(!isFull, "a message was sent into a full window of \(window.messages)")
        if count == ring.count { grow() }
        let item = Item(index: index, bytes: bytes)
        let place = (start + count) % ring.count
        ring[place] = item
        count += 1
        self.bytes += bytes
    }

    /// Forgets every message whose last entry is at or before `index`.
    package mutating func free(upTo index: LogIndex) {
        while count > 0 && ring[start].index <= index {
            bytes -= ring[start].bytes
            start = start + 1 == ring.count ? 0 : start + 1
            count -= 1
        }
        if count == 0 { start = 0 }
    }

    package mutating func reset() {
        count = 0
        start = 0
        bytes = 0
    }

    private mutating func grow() {
        let size = min(max(2 * ring.count, 4), window.messages)
        var larger: [Item] = []
        larger.reserveCapacity(size)
        for offset in 0..<count { larger.append(ring[(start + offset) % ring.count]) }
        let empty = Item(index: .zero, bytes: 0)
        while larger.count < size { larger.append(empty) }
        ring = larger
        start = 0
    }

    /// Compares what is on its way, not how the ring happens to lie.
    package static func == (left: Inflights, right: Inflights) -> Bool {
        left.window == right.window && left.bytes == right.bytes && left.items.elementsEqual(right.items)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(window)
        for item in items { hasher.combine(item) }
    }

    private var items: some Sequence<Item> { (0..<count).lazy.map { ring[(start + $0) % ring.count] } }
}
