/// An answered read request: once the state machine has applied `index`, it reflects everything that was committed
/// when the request was made.
public struct ReadState: Hashable, Sendable {
    public var index: LogIndex
    /// What the request was named by its caller.
    public var context: [UInt8]

    public init(index: LogIndex, context: [UInt8]) {
        self.index = index
        self.context = context
    }
}
