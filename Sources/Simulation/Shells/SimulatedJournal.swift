import DiskFaults
import Host
import Journal
import Primitives
import Raft
import Replica

/// A node's real log on a simulated disk, with work that waits until its moment has come.
///
/// Nothing of a group is on the disk before ``finishGroup()``; a crash before that has done none of it, all of it, or
/// stopped in the middle. The file of a snapshot is written beside it, and its mark goes through the queue.
struct SimulatedJournal {
    enum Work {
        case write(AppendWork)
        /// A snapshot whose file is there.
        case mark(JournalSnapshot)

        var write: JournalWrite? {
            guard case .write(let work) = self else { return nil }
            return JournalWrite(
                work.message, snapshotStateHash: work.snapshotStateHash, writesCommit: work.writesCommit)
        }
    }

    /// What became of a group.
    enum Outcome {
        case done([ReplicaInput])
        /// There is no room; the group is kept and may be tried again. Marks of snapshots have overtaken it.
        case noRoom([ReplicaInput])
    }

    static let directory = "/node/raft"
    /// Small, so that a minute fills several segments.
    static let parameters = JournalParameters(
        segmentBytes: 32 << 10, hardStateBytes: 1024, reserveBytes: 16 << 10, snapshotChunkBytes: 4 << 10)

    let disk: FaultyDisk
    /// The planted bug of that name.
    let forgetsVotes: Bool
    /// What is on the disk for certain; set once what was read back is known to be right.
    var durable = DurableLog()
    private let log: WriteAheadLog
    private var queue: [Work] = []
    private(set) var group: [Work] = []
    /// A snapshot whose file is being written.
    private(set) var snapshotAtWork: JournalSnapshot?
    /// How often anything was written, so that a seal comes only after a pause.
    private(set) var writes = 0

    private init(disk: FaultyDisk, log: WriteAheadLog, forgetsVotes: Bool) {
        self.disk = disk
        self.forgetsVotes = forgetsVotes
        self.log = log
    }

    /// A disk with the log of a node that has never run, and what that holds.
    static func blankDisk(
        _ identity: JournalIdentity, founding entry: Entry?, saltSeed: UInt64
    ) throws(JournalError) -> (image: DiskImage, holds: DurableLog) {
        var image = DiskImage()
        image.createDirectory("/node")
        image.syncDirectory("/")
        let disk = FaultyDisk(image)
        let log = try WriteAheadLog.create(
            on: disk, directory: directory, identity: identity, parameters: parameters, saltSeed: saltSeed)
        var holds = DurableLog()
        if let entry {
            let write = JournalWrite(founding: entry)
            try log.append([write])
            holds.take(write)
        }
        log.close()
        return (disk.image, holds)
    }

    static func open(
        _ disk: FaultyDisk, _ identity: JournalIdentity, saltSeed: UInt64, forgetsVotes: Bool
    ) throws(JournalError) -> (journal: SimulatedJournal, recovered: RecoveredJournal) {
        let (log, recovered) = try WriteAheadLog.open(
            on: disk, directory: directory, expecting: identity, parameters: parameters, saltSeed: saltSeed)
        return (SimulatedJournal(disk: disk, log: log, forgetsVotes: forgetsVotes), recovered)
    }

    // MARK: Work

    mutating func submit(_ work: Work) { queue.append(work) }

    /// Takes what one sync makes durable out of the queue, as the journal's thread does; false if there is nothing to
    /// do, or something is being done.
    mutating func beginGroup() -> Bool {
        guard group.isEmpty, !queue.isEmpty else { return false }
        group = Array(queue.prefix(JournalThread.GroupLimits.standard.groupCount(queue.lazy.map(\.write))))
        queue.removeFirst(group.count)
        return true
    }

    /// Does the work; answers what the node is to be told.
    mutating func finishGroup() throws(JournalError) -> Outcome {
        do throws(JournalError) {
            let inputs = try perform(group)
            durable = durableAfterGroup
            group = []
            writes += 1
            return .done(inputs)
        } catch {
            guard error.isRetriable else { throw error }
            guard case .mark = group.first else { return .noRoom(try recordMarks()) }
            group = []
            return .done([.snapshotFailed])
        }
    }

    private func perform(_ group: [Work]) throws(JournalError) -> [ReplicaInput] {
        if case .mark(let content) = group.first {
            let position = content.snapshot.metadata.position
            // A newer one came from the leader meanwhile.
            if position.index > log.snapshots.first?.index ?? .zero { try log.recordSnapshot(position) }
            return [.snapshotSaved(content.snapshot)]
        }
        try log.append(journalWrites(group))
        return group.compactMap { work in
            if case .write(let work) = work { return .appended(work.message) }
            return nil
        }
    }

    /// Does not let marks wait behind a group without room, as the journal's thread does not: they may make it.
    private mutating func recordMarks() throws(JournalError) -> [ReplicaInput] {
        var inputs: [ReplicaInput] = []
        for work in queue {
            guard case .mark(let content) = work, content.snapshot.index <= log.last.index else { continue }
            do throws(JournalError) {
                inputs += try perform([work])
            } catch {
                guard error.isRetriable else { throw error }
                inputs.append(.snapshotFailed)
            }
        }
        queue.removeAll { work in
            if case .mark(let content) = work { return content.snapshot.index <= log.last.index }
            return false
        }
        return inputs
    }

    private func journalWrites(_ group: [Work]) -> [JournalWrite] {
        group.compactMap { work in
            var write = work.write
            if forgetsVotes { write?.hardState?.vote = nil }
            return write
        }
    }

    /// What the disk will hold when the work at hand is done.
    var durableAfterGroup: DurableLog {
        var after = durable
        for write in journalWrites(group) { after.take(write) }
        return after
    }

    // MARK: Snapshots of the node's own

    mutating func beginSnapshot(_ content: JournalSnapshot) {
        precondition(snapshotAtWork == nil, "a second snapshot while one is being saved")
        snapshotAtWork = content
    }

    /// Writes the snapshot's file and queues its mark; false if there is no room.
    mutating func finishSnapshotFile() throws(JournalError) -> Bool {
        guard let content = snapshotAtWork else { return true }
        snapshotAtWork = nil
        do throws(JournalError) {
            try write(content)
        } catch {
            guard error.isRetriable else { throw error }
            return false
        }
        submit(.mark(content))
        return true
    }

    private func write(_ content: JournalSnapshot) throws(JournalError) {
        try SnapshotFile.write(
            content, clusterID: log.identity.clusterID, on: disk, in: Self.directory,
            chunkBytes: Self.parameters.snapshotChunkBytes)
    }

    // MARK: Care

    /// Proves the last batch durable, as the journal's thread does when it is idle.
    mutating func seal() throws(JournalError) {
        if group.isEmpty, queue.isEmpty { try log.seal() }
    }

    /// Whether the thread asks for space from time to time.
    var isShortOfSpace: Bool { log.space == .short }

    func reserveSpace() throws(JournalError) { try log.reserveSpace() }

    /// What the end of the process leaves on the disk, as the kernel shows it.
    ///
    /// - Parameter cut: How many operations of the work at hand were still done, and how many bytes of the next one if
    ///   that is a write; nil for all of the work.
    mutating func crash(at cut: (operations: Int, keepsBytes: Int?)?) -> DiskImage {
        if let cut { disk.fault = (disk.operations + cut.operations + 1, .crash(keepsBytes: cut.keepsBytes)) }
        // It stops in the middle, and no node hears how it went.
        if let content = snapshotAtWork { _ = try? write(content) }
        _ = try? perform(group)
        log.close()
        return disk.image
    }
}
