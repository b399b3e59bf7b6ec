import Fleet
import Primitives
import Raft

/// When a snapshot of the state is stored, and the states of leaders' snapshots until the journal has them.
struct Snapshots: Sendable {
    /// When a snapshot is due, and what of the log is kept behind it.
    let policy: SnapshotPolicy
    /// Whether one is being stored: one at a time.
    private(set) var isInFlight = false
    /// Set when one could not be stored: encoding the whole state with every entry would not mend the disk.
    private var notBefore: Instant?
    /// Bytes of entries that were applied since a snapshot was last ordered.
    private(set) var bytesSince = 0
    /// Leaders' snapshots that consensus has taken and the journal has not stored, in the order in which they came;
    /// none of an index twice.
    private(set) var received: [Received] = []

    /// A leader's snapshot that has arrived, with the state that it holds.
    struct Received: Sendable {
        /// The place in the log that the state stands for.
        var index: LogIndex
        /// The state; its applied index is ``index``.
        var fleet: Fleet
    }

    init(policy: SnapshotPolicy) {
        self.policy = policy
    }

    // MARK: Of this node

    /// An entry with this many bytes was applied.
    mutating func applied(bytes: Int) { bytesSince += bytes }

    /// Whether the state is to be stored now.
    func isDue(_ log: LogSituation, at now: Instant) -> Bool {
        guard !isInFlight, notBefore.map({ $0 <= now }) ?? true else { return false }
        let isDue =
            log.applied - log.compacted >= policy.entries || bytesSince >= policy.bytes || log.isWaitedFor
            // What lies behind two snapshots is room again.
            || log.isShortOfDisk
        return isDue && log.applied > log.stored
    }

    /// Has the state stored; the answer is ``stored()`` or ``failed(at:)``.
    mutating func store(_ order: SnapshotOrder, effects: inout Effects) {
        isInFlight = true
        notBefore = nil
        bytesSince = 0
        effects.append(.saveSnapshot(order))
    }

    mutating func stored() { isInFlight = false }

    mutating func failed(at now: Instant) {
        isInFlight = false
        notBefore = now + ReplicaTiming.snapshotRetryMilliseconds
        // It is due still, however little comes until then.
        bytesSince += policy.bytes
    }

    // MARK: Of a leader

    /// Keeps the state of a leader's snapshot until it is stored; answers whether it is not kept already.
    mutating func receive(_ fleet: Fleet, at index: LogIndex) -> Bool {
        guard !received.contains(where: { $0.index == index }) else { return false }
        received.append(Received(index: index, fleet: fleet))
        return true
    }

    /// Forgets one that consensus had no use for, which will never be stored.
    mutating func drop(_ index: LogIndex) { received.removeAll { $0.index == index } }

    /// The hash of a state that is about to be stored, to be compared when it is read back.
    func stateHash(of snapshot: Snapshot) -> UInt64 {
        guard let received = received.first(where: { $0.index == snapshot.index }) else {
            preconditionFailure("consensus stores a snapshot of index \(snapshot.index) that never arrived")
        }
        return received.fleet.stateHash
    }

    /// The state of a leader's snapshot that is durable now; it and all older ones are forgotten.
    mutating func take(_ snapshot: Snapshot) -> Fleet {
        guard let received = received.first(where: { $0.index == snapshot.index }) else {
            preconditionFailure("the journal stored a snapshot of index \(snapshot.index) that never arrived")
        }
        self.received.removeAll { $0.index <= snapshot.index }
        return received.fleet
    }
}

/// What decides whether a snapshot is due.
struct LogSituation: Equatable, Sendable {
    /// The last entry that the state holds.
    var applied: LogIndex
    /// The last entry that is cut from the log.
    var compacted: LogIndex
    /// The index of the snapshot that is stored; zero if there is none.
    var stored: LogIndex
    /// Whether a newcomer whose entries are gone needs one that names it as a member.
    var isWaitedFor: Bool
    /// Whether the disk has no room for another piece of the log.
    var isShortOfDisk: Bool
}
