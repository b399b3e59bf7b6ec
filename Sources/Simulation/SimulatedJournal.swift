import Host
import Journal
import Primitives
import Raft
import Replica

/// A node's real log on a simulated disk, with work that waits until its moment has come.
///
/// Nothing of a group is on the disk before ``finishGroup()``; a crash before that has done none of it, all of it, or
/// stopped in the middle.
struct SimulatedJournal {
    enum Work {
        case write(AppendWork)
        case snapshot(JournalSnapshot)
    }

    static let directory = "/node/raft"
    /// Small, so that a minute fills several segments.
    static let parameters = JournalParameters(
        segmentBytes: 32 << 10, hardStateBytes: 1024, reserveBytes: 0, snapshotChunkBytes: 4 << 10)

    let disk: SimulatedDisk
    /// The planted bug of that name.
    let forgetsVotes: Bool
    private let log: WriteAheadLog
    private var queue: [Work] = []
    private(set) var group: [Work] = []

    private init(disk: SimulatedDisk, log: WriteAheadLog, forgetsVotes: Bool) {
        self.disk = disk
        self.forgetsVotes = forgetsVotes
        self.log = log
    }

    /// A disk with the log of a node that has never run.
    static func blankDisk(
        _ identity: JournalIdentity, founding entry: Entry?, saltSeed: UInt64
    ) throws(JournalError) -> DiskImage {
        var image = DiskImage()
        image.createDirectory("/node")
        image.syncDirectory("/")
        let disk = SimulatedDisk(image)
        let log = try WriteAheadLog.create(
            on: disk, directory: directory, identity: identity, parameters: parameters, saltSeed: saltSeed)
        if let entry {
            try log.append([
                JournalWrite(hardState: HardState(term: entry.term, vote: nil, commit: entry.index), entries: [entry])
            ])
        }
        log.close()
        return disk.image
    }

    static func open(
        _ disk: SimulatedDisk, _ identity: JournalIdentity, saltSeed: UInt64, forgetsVotes: Bool
    ) throws(JournalError) -> (journal: SimulatedJournal, recovered: RecoveredJournal) {
        let (log, recovered) = try WriteAheadLog.open(
            on: disk, directory: directory, expecting: identity, parameters: parameters, saltSeed: saltSeed)
        return (SimulatedJournal(disk: disk, log: log, forgetsVotes: forgetsVotes), recovered)
    }

    mutating func submit(_ work: Work) { queue.append(work) }

    /// Takes what one sync makes durable out of the queue, as the journal's thread does; false if there is nothing to
    /// do, or something is being done.
    mutating func beginGroup() -> Bool {
        guard group.isEmpty, !queue.isEmpty else { return false }
        let count = queue.prefix { work in
            if case .write(let work) = work { return work.message.snapshot == nil }
            return false
        }.count
        group = Array(queue.prefix(max(1, count)))
        queue.removeFirst(group.count)
        return true
    }

    /// Does the work; answers what the node is to be told.
    mutating func finishGroup() throws(JournalError) -> [ReplicaInput] {
        let work = group
        group = []
        return try perform(work)
    }

    private func perform(_ group: [Work]) throws(JournalError) -> [ReplicaInput] {
        if case .snapshot(let content) = group.first {
            // A newer one came from the leader meanwhile.
            if content.snapshot.index > log.snapshots.first?.index ?? .zero { try log.saveSnapshot(content) }
            return [.snapshotSaved(content.snapshot)]
        }
        let works = group.compactMap { work -> AppendWork? in
            if case .write(let work) = work { return work }
            return nil
        }
        try log.append(works.map(journalWrite))
        return works.map { .appended($0.message) }
    }

    private func journalWrite(_ work: AppendWork) -> JournalWrite {
        var state = work.message.hardState
        if forgetsVotes { state?.vote = nil }
        var snapshot: JournalSnapshot?
        if let content = work.message.snapshot, let hash = work.snapshotStateHash {
            snapshot = JournalSnapshot(snapshot: content, stateHash: hash)
        }
        return JournalWrite(hardState: state, entries: work.message.entries, snapshot: snapshot)
    }

    /// Proves the last batch durable, as the journal's thread does when it is idle.
    mutating func seal() throws(JournalError) {
        if group.isEmpty, queue.isEmpty { try log.seal() }
    }

    /// What the end of the process leaves on the disk, as the kernel shows it.
    ///
    /// - Parameter operations: How many operations of the work at hand were still done; nil for all of it.
    mutating func crash(afterOperations operations: Int?) -> DiskImage {
        if let operations { disk.fail(afterOperations: operations) }
        // It stops in the middle, and nobody hears how it went.
        _ = try? perform(group)
        log.close()
        return disk.image
    }

    /// Lets the sync of the work at hand fail.
    mutating func failNextSync(afterOperations operations: Int) { disk.fail(afterOperations: operations) }
}
