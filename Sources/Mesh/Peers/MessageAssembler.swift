import NIOCore
import Primitives

/// Puts large messages together again. At most one is under way on a connection, and it never grows past the limit.
struct MessageAssembler {
    private let limit: Int
    /// Bytes of the message that is under way; 0 for none, and then `partial` is empty.
    private var total = 0
    private var partial: [UInt8] = []

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes a part and answers the message if that is complete.
    mutating func begin(total: Int, _ part: ByteBuffer) throws(DecodingFailure) -> [UInt8]? {
        guard self.total == 0 else {
            throw DecodingFailure(.invalid("a large message begins inside another"), offset: 0)
        }
        guard total <= limit else {
            throw DecodingFailure(.invalid("a message of \(total) bytes; at most \(limit) are allowed"), offset: 0)
        }
        self.total = total
        // Room is made as bytes come, never for what is only announced.
        return try add(part)
    }

    mutating func more(_ part: ByteBuffer) throws(DecodingFailure) -> [UInt8]? {
        guard total > 0 else { throw DecodingFailure(.invalid("a part of no message"), offset: 0) }
        return try add(part)
    }

    private mutating func add(_ part: ByteBuffer) throws(DecodingFailure) -> [UInt8]? {
        guard partial.count + part.readableBytes <= total else {
            throw DecodingFailure(.trailing(partial.count + part.readableBytes - total), offset: total)
        }
        partial.append(contentsOf: part.readableBytesView)
        guard partial.count == total else { return nil }
        defer {
            partial = []
            total = 0
        }
        return partial
    }
}
