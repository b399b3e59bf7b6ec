/// What a node wants done, in synchronous mode in this order: store `hardState`, `entries` and `snapshot`, send
/// `messages`, apply `committed`, then call ``RaftNode/advance()``.
///
/// With asynchronous storage writes only `softState`, `readStates` and `messages` are to be acted upon, and
/// ``RaftNode/advance()`` is not called: what to store and apply stands in the messages to
/// ``NodeID/appendThread`` and ``NodeID/applyThread``, whose completion is told by ``RaftNode/completeAppend(_:)``
/// and ``RaftNode/completeApply(_:)``. The other fields then say the same again, for observers.
public struct Ready: Hashable, Sendable {
    /// Set if it changed.
    public var softState: SoftState?
    /// Set if it changed.
    public var hardState: HardState?
    /// Answered read requests.
    public var readStates: [ReadState]
    /// To be stored before `messages` are sent.
    public var entries: [Entry]
    /// To be stored, and to replace the state machine.
    public var snapshot: Snapshot?
    /// To be applied: stored and committed.
    public var committed: [Entry]
    public var messages: [Message]
    /// Whether the writes must be durable before the messages leave.
    public var mustSync: Bool

    public init(
        softState: SoftState? = nil, hardState: HardState? = nil, readStates: [ReadState] = [], entries: [Entry] = [],
        snapshot: Snapshot? = nil, committed: [Entry] = [], messages: [Message] = [], mustSync: Bool = false
    ) {
        self.softState = softState
        self.hardState = hardState
        self.readStates = readStates
        self.entries = entries
        self.snapshot = snapshot
        self.committed = committed
        self.messages = messages
        self.mustSync = mustSync
    }
}
