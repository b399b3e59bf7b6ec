import Primitives

/// What waits to be sent to one peer, in two lanes, bounded in number, bytes and age.
struct OutboundQueue {
    /// One frame's worth of what waits.
    enum Piece: Equatable {
        /// A whole message.
        case whole([UInt8])
        /// The first part of a message of `total` bytes, and the following ones.
        case begin(total: Int, ArraySlice<UInt8>)
        case more(ArraySlice<UInt8>)
    }

    private struct Waiting {
        let message: [UInt8]
        /// When it is too old, in milliseconds of the caller's clock.
        let deadline: Int64
    }

    private let messageLimit: Int
    private let byteLimit: Int
    private let lifeMilliseconds: Int64
    /// The most bytes of a message in one frame.
    private let pieceBytes: Int

    /// Each in the order in which its messages came.
    private var urgent: FirstInFirstOut<Waiting> = .init()
    private var bulk: FirstInFirstOut<Waiting> = .init()
    /// Bytes of the first bulk message that have left already.
    private var bulkSent = 0
    /// Of all messages that wait, whole ones also of a message of which a part has left.
    private(set) var bytes = 0
    /// Messages that were thrown away, since the beginning.
    private(set) var dropped: UInt64 = 0
    /// Whether something was dropped that was not reported yet.
    private var hasUntoldDrop = false
    /// Whether drops were told of since a message last left.
    private var isInBurst = false

    init(messageLimit: Int, byteLimit: Int, lifeMilliseconds: Int64, pieceBytes: Int) {
        self.messageLimit = messageLimit
        self.byteLimit = byteLimit
        self.lifeMilliseconds = lifeMilliseconds
        self.pieceBytes = pieceBytes
    }

    var count: Int { urgent.count + bulk.count }
    var isEmpty: Bool { urgent.isEmpty && bulk.isEmpty }

    mutating func append(_ message: [UInt8], lane: Lane, now: Int64) {
        dropExpired(now: now)
        let waiting = Waiting(message: message, deadline: now + lifeMilliseconds)
        if isUrgent(message, lane) {
            while let oldest = urgent.first,
                urgent.count >= messageLimit || (bytes + message.count > byteLimit && !urgent.isEmpty)
            {
                urgent.removeFirst()
                bytes -= oldest.message.count
                countDropped()
            }
            // The bulk lane may have filled the bytes by itself; what is urgent and small still goes.
            urgent.append(waiting)
        } else {
            guard bulk.isEmpty || (bulk.count < messageLimit && bytes + message.count <= byteLimit) else {
                countDropped()
                return
            }
            bulk.append(waiting)
        }
        bytes += message.count
    }

    private func isUrgent(_ message: [UInt8], _ lane: Lane) -> Bool {
        guard message.count <= pieceBytes else { return false }
        return switch lane {
        case .urgent: true
        // The urgent lane leaves in order itself, and before whatever comes into the bulk lane later.
        case .inOrder: bulk.isEmpty
        case .bulk: false
        }
    }

    /// Takes the next piece: whatever is urgent first.
    mutating func next(now: Int64) -> Piece? {
        dropExpired(now: now)
        if let first = urgent.first {
            urgent.removeFirst()
            bytes -= first.message.count
            isInBurst = false
            return .whole(first.message)
        }
        guard let first = bulk.first else { return nil }
        let message = first.message
        if bulkSent == 0, message.count <= pieceBytes {
            finishBulk(message)
            return .whole(message)
        }
        let end = min(bulkSent + pieceBytes, message.count)
        let part = message[bulkSent..<end]
        let isFirst = bulkSent == 0
        bulkSent = end
        if end == message.count { finishBulk(message) }
        return isFirst ? .begin(total: message.count, part) : .more(part)
    }

    /// A new connection knows nothing of a message whose first parts went over an old one.
    mutating func restartBulk() {
        bulkSent = 0
    }

    private mutating func finishBulk(_ message: [UInt8]) {
        bulk.removeFirst()
        bulkSent = 0
        bytes -= message.count
        isInBurst = false
    }

    /// A message of which parts have left is finished whatever its age: the other side waits for the rest.
    mutating func dropExpired(now: Int64) {
        while let first = urgent.first, first.deadline <= now {
            urgent.removeFirst()
            bytes -= first.message.count
            countDropped()
        }
        while bulkSent == 0, let first = bulk.first, first.deadline <= now {
            bulk.removeFirst()
            bytes -= first.message.count
            countDropped()
        }
    }

    mutating func countDropped() {
        dropped += 1
        hasUntoldDrop = true
    }

    /// Whether the sender is to be told now that messages were dropped: once, and again only after one could leave.
    mutating func takeDropReport() -> Bool {
        guard hasUntoldDrop else { return false }
        hasUntoldDrop = false
        defer { isInBurst = true }
        return !isInBurst
    }
}

/// A queue over one array, whose front is cut off once in a while.
struct FirstInFirstOut<Element> {
    private var elements: [Element?] = []
    /// Of the first element; those before it are nil.
    private var head = 0

    var count: Int { elements.count - head }
    var isEmpty: Bool { count == 0 }
    var first: Element? { isEmpty ? nil : elements[head] }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func removeFirst() {
        elements[head] = nil
        head += 1
        if head == elements.count || head >= 256 && head * 2 >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
    }
}
