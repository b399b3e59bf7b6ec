public import Primitives

/// One member of a Raft cluster, as a value: messages and ticks go in, a ``Ready`` comes out.
///
/// Follows Ongaro's paper and thesis and the behaviour of etcd's raft: pre-vote, quorum checks, learners, joint
/// membership changes, leadership transfer, read index, and probed, pipelined or snapshot replication. It reads no
/// clock, draws chance only from the generator that it is given, and does no I/O: equal inputs give equal values.
///
/// A caller does these in turn, never two at once:
/// 1. call ``tick()`` at a steady pace, ``step(_:)`` with what other nodes sent, and what else it wants;
/// 2. while ``hasReady``, take ``ready()`` and do what that says.
///
/// Aspects: `+Step` (the door), `+Election`, `+Replication`, `+Leading`, `+Reads`, `+Transfer`, `+Membership`,
/// `+Snapshots`, `+Ready`, `+Storage`.
public struct RaftNode: Equatable, Sendable {
    public var id: NodeID { configuration.id }
    public let configuration: Configuration

    /// The latest term seen; only grows.
    public internal(set) var term: Term = .zero
    /// The candidate that this node voted for in `term`; changes at most once in a term.
    var vote: NodeID?
    /// The leader of `term`, as far as known; a term has at most one.
    public internal(set) var leader: NodeID?
    public internal(set) var role: Role = .follower

    var log: RaftLog

    /// The membership as of the last applied change.
    var membership: Membership = .empty
    /// Changes up to this index are in `membership`.
    var membershipIndex: LogIndex = .zero
    /// What is known of each member; exactly the members.
    var progress = PeerMap<Progress>()
    /// The answers in the current election.
    var votes = PeerMap<Bool>()

    /// To be sent at once.
    var messages: [Message] = []
    /// To be sent, or taken by this node itself, only when all earlier unstable state is durable.
    var messagesAfterAppend: [Message] = []

    /// Answered reads that were not handed out yet.
    var readStates: [ReadState] = []
    /// Reads that wait for a majority; both queues hold at most `maxWaitingReads`.
    var reads = ReadQueue()
    /// Reads that wait for the first commit of a leader's term.
    var postponedReads: [Message] = []

    /// Ticks since an election began, or since the leader was last heard (as leader: since the last quorum check).
    var electionElapsed = 0
    /// Ticks since the last heartbeat; only a leader counts them.
    var heartbeatElapsed = 0
    /// Ticks after which this node campaigns; drawn anew at each change of role or term.
    package var randomizedElectionTicks = 0

    /// Whether this node asks for no votes, also when a leader wants it to: set by a shell whose log has no room for
    /// what a leader writes. It votes for others as ever.
    public var abstains = false

    /// Whether this node takes no entries for now, and tells its leader so with each answer to a heartbeat: the shell
    /// leaves alone what a leader sends that has not heard it.
    public var refusesEntries = false

    /// The member that shall become leader; while set, no proposals are taken.
    var leadTransferee: NodeID?
    /// No membership change is proposed until this index is applied: at most one is ever under way.
    var pendingConfIndex: LogIndex = .zero
    /// Payload bytes of this leader's entries that are not known to be applied.
    var uncommittedBytes: UInt64 = 0

    var generator: SeededGenerator
    var trace: Trace

    /// What was last handed out, so that only changes are.
    var previousSoftState = SoftState(leader: nil, role: .follower)
    var previousHardState = HardState.initial
    /// In synchronous mode: messages to itself that ``advance()`` takes.
    var stepsOnAdvance: [Message] = []

    /// Creates a follower from what is stored.
    ///
    /// - Parameters:
    ///   - configuration: Values that contradict each other are a programmer error.
    ///   - storage: Everything that was durable. Its snapshot's membership must be the one at `configuration.applied`.
    ///   - generator: Where the jitter of elections comes from; different for each node.
    public init(configuration: Configuration, storage: MemoryStorage, generator: SeededGenerator) {
        configuration.validate()
        self.configuration = configuration
        self.generator = generator
        trace = Trace(isOn: configuration.traces)
        log = RaftLog(storage: storage, maxApplyingBytes: configuration.committedBytesLimit)

        let restored = Changer(restoring: storage.confState, window: window, lastIndex: log.lastIndex)
        adopt(restored)

        let hardState = storage.hardState
        term = hardState.term
        vote = hardState.vote
        // What was applied was committed, even if the commit index was not written down any more.
        let commit = max(hardState.commit, configuration.applied)
        precondition(
            commit <= log.lastIndex,
            "committed or applied up to \(commit), but the stored log ends at \(log.lastIndex): entries are lost")
        log.commit(to: commit)
        membershipIndex = max(configuration.applied, storage.snapshot?.index ?? .zero)
        if configuration.applied > .zero { log.applied(to: configuration.applied, bytes: 0) }
        becomeFollower(term, leader: nil)
        note(
            .started(
                peers: membership.voters.voters, term: term, commit: log.committed, applied: log.applied,
                last: log.lastPosition))
        previousSoftState = softState
        previousHardState = self.hardState
    }

    /// Reads beyond this are dropped; the caller tries again.
    static let maxWaitingReads = 4096

    var window: Inflights.Window {
        Inflights.Window(messages: configuration.maxInflightMessages, bytes: configuration.maxInflightBytes)
    }

    public var softState: SoftState { SoftState(leader: leader, role: role) }
    public var hardState: HardState { HardState(term: term, vote: vote, commit: log.committed) }

    public var isLeader: Bool { role == .leader }
    /// The highest index known to be on a majority.
    public var commitIndex: LogIndex { log.committed }
    /// The highest index that the state machine is known to have applied.
    public var appliedIndex: LogIndex { log.applied }
    /// The last entry's index, durable or not.
    public var lastIndex: LogIndex { log.lastIndex }
    /// The membership as of the last applied change.
    public var confState: ConfState { membership.confState }

    /// The term of an entry, durable or not; nil if it is compacted or not there yet.
    public func term(at index: LogIndex) -> Term? { log.term(at: index) }

    /// The entries from `index` on, durable or not; nil if they are compacted.
    package func entries(from index: LogIndex) -> [Entry]? { log.entries(from: index, maxBytes: .max) }

    /// What is durable; the shell keeps it in step with its journal.
    public var storage: MemoryStorage {
        get { log.storage }
        _modify { yield &log.storage }
    }

    /// Takes out what happened since the last call; empty unless ``Configuration/traces``.
    public mutating func drainTrace() -> [TraceEvent] { trace.drain() }

    /// Collects a trace event if tracing is on.
    @inline(__always)
    mutating func note(_ event: TraceEvent) {
        if trace.isOn { trace.record(event) }
    }
}
