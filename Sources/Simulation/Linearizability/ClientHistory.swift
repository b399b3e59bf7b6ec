/// What users asked and were told, written down while it happens.
package struct ClientHistory<Input: Sendable, Output: Sendable>: Sendable {
    /// In the order of their calls. Those that have not ended are open.
    package private(set) var operations: [ClientOperation<Input, Output>] = []
    /// The next point in time.
    private var position = 0

    package init() {}

    /// A user asks.
    ///
    /// - Returns: The operation's number, for its end.
    package mutating func begin(_ input: Input, by client: Int) -> Int {
        operations.append(
            ClientOperation(client: client, input: input, output: nil, call: nextPosition(), end: nil))
        return operations.count - 1
    }

    /// A user is answered. An operation without an answer, or with one that leaves its outcome open, is never ended:
    /// it may still take effect.
    ///
    /// - Parameter number: Of an operation that has not ended; another one is a programmer error.
    package mutating func end(_ number: Int, _ output: Output) {
        precondition(operations[number].end == nil, "operation \(number) ends twice")
        operations[number].output = output
        operations[number].end = nextPosition()
    }

    private mutating func nextPosition() -> Int {
        defer { position += 1 }
        return position
    }
}
