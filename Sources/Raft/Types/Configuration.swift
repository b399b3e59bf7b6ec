/// How one node behaves. Sizes count ``Entry/limitedBytes`` unless said otherwise.
public struct Configuration: Hashable, Sendable {
    public var id: NodeID
    /// Ticks without a message from the leader before a follower campaigns; the real number is drawn from
    /// `electionTicks ..< 2 * electionTicks`.
    public var electionTicks: Int
    /// Ticks between heartbeats; less than `electionTicks`.
    public var heartbeatTicks: Int
    /// Everything up to here was applied before the node was created. Zero stands for the snapshot's index.
    public var applied: LogIndex = .zero
    /// Whether writes and applying are handed out as messages to local threads.
    public var asynchronousStorageWrites = false
    /// How many bytes of entries one append message carries; a message carries at least one entry.
    public var maxBytesPerMessage: UInt64 = .max
    /// How many bytes of committed entries are handed out and not yet applied; nil is `maxBytesPerMessage`.
    public var maxCommittedBytesPerReady: UInt64?
    /// How many bytes of payload a leader takes before they are committed; nil is no limit. One proposal may exceed
    /// it alone.
    public var maxUncommittedBytes: UInt64?
    /// How many append messages are on their way to one follower.
    public var maxInflightMessages = 256
    /// How many bytes of payload are on their way to one follower; nil is no limit.
    public var maxInflightBytes: UInt64?
    /// Ticks after which a snapshot that was sent and neither acknowledged nor reported on counts as lost; nil is
    /// never. Long enough for the largest snapshot on the slowest link.
    public var snapshotTicks: Int? = 600
    /// Whether a leader steps down that does not hear a majority, and votes are refused while the leader is alive.
    public var checkQuorum = false
    /// Whether a candidate first asks if it could win (Ongaro's thesis, section 9.6).
    public var preVote = false
    /// Whether followers refuse proposals instead of forwarding them to the leader.
    public var disableProposalForwarding = false
    /// Whether membership changes are appended without being checked against the current membership. Then the node that
    /// proposes must check, and unchecked changes can break safety.
    public var disableConfChangeValidation = false
    /// Whether a leader that is removed, or becomes a learner, steps down as soon as it applies that.
    public var stepDownOnRemoval = false
    /// Whether trace events are collected; see ``RaftNode/drainTrace()``.
    public var traces = false
    /// How reads are confirmed. Reads by lease trust clocks, so no shell can choose them.
    package var readOnlyOption: ReadOnlyOption = .safe
    /// Whether a snapshot is sent even to a member that its membership does not name, and that will refuse it.
    package var sendsAnySnapshot = false
    /// Whether a refused vote says nothing of how far the voter's log is committed, as in the published scenarios.
    package var hidesCommitFromCandidates = false
    /// An election timeout in place of the random one, for reproducible scenarios.
    package var fixedElectionTicks: Int?
    /// Whether a single voter answers reads before it has committed in its own term, as published scenarios expect. It
    /// may have answered more before it was restarted.
    package var singleVoterReadsAtOnce = false

    public init(id: NodeID, electionTicks: Int, heartbeatTicks: Int) {
        self.id = id
        self.electionTicks = electionTicks
        self.heartbeatTicks = heartbeatTicks
    }

    /// The largest number of bytes handed out and not yet applied; at zero nothing would ever be.
    var committedBytesLimit: UInt64 { max(1, maxCommittedBytesPerReady ?? maxBytesPerMessage) }

    /// Stops the program if the values contradict each other.
    func validate() {
        precondition(!id.isLocalThread, "node id \(id) is reserved for a local thread")
        precondition(heartbeatTicks > 0, "heartbeatTicks must be positive, not \(heartbeatTicks)")
        precondition(
            electionTicks > heartbeatTicks,
            "electionTicks (\(electionTicks)) must be more than heartbeatTicks (\(heartbeatTicks))")
        precondition(maxInflightMessages > 0, "maxInflightMessages must be positive, not \(maxInflightMessages)")
        if let maxInflightBytes {
            precondition(
                maxInflightBytes >= maxBytesPerMessage,
                "maxInflightBytes (\(maxInflightBytes)) must not be less than one message (\(maxBytesPerMessage))")
        }
        precondition(readOnlyOption == .safe || checkQuorum, "reads by lease need checkQuorum")
    }
}

/// How a leader makes sure that it still leads before it answers a read.
package enum ReadOnlyOption: Hashable, Sendable {
    /// A majority confirms it after the request came.
    case safe
    /// The lease that `checkQuorum` gives; wrong as soon as clocks drift.
    case leaseBased
}
