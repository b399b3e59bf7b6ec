public import Contract
public import JSONText
import NIOHTTP1

/// An answer whose body arrives piece by piece; nothing is read ahead of the iteration.
public struct ByteAnswer: AsyncSequence, Sendable {
    public typealias Element = [UInt8]

    let response: OpenResponse

    /// Of a log: which part of it this is.
    public var position: LogPosition { LogPosition { response.head.headers.first(name: $0.rawValue) } }

    /// Iterating twice shares the bytes between both.
    public func makeAsyncIterator() -> Iterator { Iterator(response: response) }

    public struct Iterator: AsyncIteratorProtocol {
        let response: OpenResponse

        /// The next bytes, never empty; nil at the end.
        ///
        /// - Throws: If the answer breaks off, or the server ends it with an error.
        public func next() async throws(ClientFailure) -> [UInt8]? { try await response.next() }
    }
}

/// The lines of an answer as JSON values.
public struct LineSequence: AsyncSequence, Sendable {
    public typealias Element = JSON

    let chunks: ByteAnswer

    public func makeAsyncIterator() -> Iterator { Iterator(chunks: chunks.makeAsyncIterator()) }

    public struct Iterator: AsyncIteratorProtocol {
        let chunks: ByteAnswer.Iterator
        private var splitter = LineSplitter()

        init(chunks: ByteAnswer.Iterator) {
            self.chunks = chunks
        }

        /// The value of the next line that is not empty; nil at the end.
        ///
        /// - Throws: As the bytes do, and for a line that is no JSON, is cut off, or is longer than the largest one.
        public mutating func next() async throws(ClientFailure) -> JSON? {
            while true {
                if let line = splitter.next() {
                    if line.isEmpty { continue }
                    return try APIClient.parse(line)
                }
                guard let bytes = try await chunks.next() else {
                    guard splitter.isEmpty else {
                        throw .protocolViolation("the answer ended within a line")
                    }
                    return nil
                }
                guard splitter.append(bytes) else {
                    throw .protocolViolation("a line of more than \(LineSplitter.largestLine) bytes")
                }
            }
        }
    }
}
