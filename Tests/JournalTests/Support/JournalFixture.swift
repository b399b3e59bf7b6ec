import DiskFaults
import Host
import Journal
import Primitives
import Raft

/// A directory, an identity and sizes that make segments change after a few batches.
enum Fixture {
    static let directory = "/node/raft"
    static let identity = JournalIdentity(clusterID: "c-1", nodeID: NodeID(3), incarnation: 7)
    static let parameters = JournalParameters(
        segmentBytes: 8192, hardStateBytes: 1024, reserveBytes: 0, snapshotChunkBytes: 100)

    /// A disk on which the journal's parent directory is there.
    static func disk() -> FaultyDisk {
        let disk = FaultyDisk()
        disk.image.createDirectory("/node")
        disk.image.syncDirectory("/")
        return disk
    }

    static func create(
        on disk: any Disk, parameters: JournalParameters = parameters
    ) throws(JournalError) -> WriteAheadLog {
        try WriteAheadLog.create(
            on: disk, directory: directory, identity: identity, parameters: parameters, saltSeed: 11)
    }

    static func open(
        on disk: any Disk, parameters: JournalParameters = parameters
    ) throws(JournalError) -> (log: WriteAheadLog, recovered: RecoveredJournal) {
        try WriteAheadLog.open(
            on: disk, directory: directory, expecting: identity, parameters: parameters, saltSeed: 12)
    }

    /// A log of nine entries, eight of them committed, with snapshots of indexes 3 and 6. Whole segments hold only what
    /// the newer snapshot includes too.
    static func twoSnapshots() throws -> FaultyDisk {
        let disk = disk()
        let log = try create(on: disk)
        for index in 1...8 as ClosedRange<UInt64> {
            try log.append([JournalWrite(hardState: state(1, commit: index), entries: [entry(index, 1, bytes: 900)])])
            if index == 3 { try log.saveSnapshot(snapshot(3, 1)) }
        }
        try log.saveSnapshot(snapshot(6, 1))
        try log.append([JournalWrite(entries: [entry(9, 1)])])
        log.close()
        return disk
    }

    /// Why the journal can't be opened; nil if it can.
    static func refusal(
        on disk: any Disk, expecting expected: JournalIdentity = identity
    ) -> JournalError? {
        do throws(JournalError) {
            let opened = try WriteAheadLog.open(
                on: disk, directory: directory, expecting: expected, parameters: parameters, saltSeed: 12)
            opened.log.close()
            return nil
        } catch {
            return error
        }
    }

    /// Opens, and closes again, so that the disk can be opened another time.
    static func recover(from image: DiskImage) throws(JournalError) -> RecoveredJournal {
        let (log, recovered) = try open(on: FaultyDisk(image))
        log.close()
        return recovered
    }

    static func entry(_ index: UInt64, _ term: UInt64, bytes: Int = 20) -> Entry {
        Entry(
            term: Term(term), index: LogIndex(index),
            data: (0..<bytes).map { UInt8(truncatingIfNeeded: index &* 31 &+ term &* 7 &+ UInt64($0)) })
    }

    static func state(_ term: UInt64, vote: UInt64? = nil, commit: UInt64 = 0) -> HardState {
        HardState(term: Term(term), vote: vote.map { NodeID($0) }, commit: LogIndex(commit))
    }

    static func snapshot(_ index: UInt64, _ term: UInt64, bytes: Int = 250) -> JournalSnapshot {
        let metadata = SnapshotMetadata(
            index: LogIndex(index), term: Term(term), confState: ConfState(voters: [NodeID(1), NodeID(3)]))
        let data = (0..<bytes).map { UInt8(truncatingIfNeeded: UInt64($0) &* 13 &+ index) }
        return JournalSnapshot(snapshot: Snapshot(metadata: metadata, data: data), stateHash: index &* 1001)
    }
}

/// What a log should hold, in the plainest form.
struct LogModel: Hashable {
    var hardState = HardState.initial
    var snapshot: JournalSnapshot?
    /// Every entry since the last installed snapshot.
    var entries: [Entry] = []

    mutating func apply(_ write: JournalWrite) {
        if let state = write.hardState { hardState = state }
        if let installed = write.snapshot {
            snapshot = installed
            entries = []
            hardState.commit = max(hardState.commit, installed.snapshot.index)
        }
        if let first = write.entries.first {
            entries.removeAll { $0.index >= first.index }
            entries += write.entries
        }
    }

    mutating func save(_ saved: JournalSnapshot) {
        snapshot = saved
        hardState.commit = max(hardState.commit, saved.snapshot.index)
    }

    var last: LogPosition {
        entries.last.map { LogPosition(term: $0.term, index: $0.index) } ?? snapshot?.snapshot.metadata.position
            ?? .zero
    }

    /// Whether a recovered log is this one. The commit index may lag; everything else is exact.
    func matches(_ recovered: RecoveredJournal) -> Bool {
        let base = snapshot?.snapshot.index ?? .zero
        return recovered.hardState.term == hardState.term && recovered.hardState.vote == hardState.vote
            && recovered.hardState.commit <= hardState.commit && recovered.hardState.commit >= base
            && recovered.snapshot == snapshot && recovered.entries == entries.filter { $0.index > base }
    }
}

/// One step of a workload.
enum Step {
    case append([JournalWrite])
    case save(JournalSnapshot)
    case seal

    func perform(on log: WriteAheadLog) throws(JournalError) {
        switch self {
        case .append(let writes): try log.append(writes)
        case .save(let snapshot): try log.saveSnapshot(snapshot)
        case .seal: try log.seal()
        }
    }

    /// The states that the model may be in when this is begun and not finished, ending with the finished one.
    func outcomes(from model: LogModel) -> [LogModel] {
        var model = model
        switch self {
        case .append(let writes):
            // A snapshot among the writes is a batch of its own, so what is before it may stand alone.
            var states: [LogModel] = []
            for write in writes {
                if write.snapshot != nil { states.append(model) }
                model.apply(write)
                if write.snapshot != nil { states.append(model) }
            }
            return states + [model]
        case .save(let snapshot):
            model.save(snapshot)
            return [model]
        case .seal: return [model]
        }
    }

    /// A log through all its doors: votes, appends, groups, overwriting, snapshots, install, several segments.
    static let workload: [Step] = [
        .append([JournalWrite(hardState: Fixture.state(1, vote: 3))]),
        .append([JournalWrite(entries: [Fixture.entry(1, 1), Fixture.entry(2, 1, bytes: 700)])]),
        .append([JournalWrite(hardState: Fixture.state(1, vote: 3, commit: 2))]),
        .seal,
        .append([
            JournalWrite(entries: [Fixture.entry(3, 1)]),
            JournalWrite(entries: [Fixture.entry(4, 1, bytes: 900), Fixture.entry(5, 1)]),
        ]),
        .append([JournalWrite(hardState: Fixture.state(2, commit: 3), entries: [Fixture.entry(4, 2, bytes: 1200)])]),
        .save(Fixture.snapshot(2, 1)),
        .append([JournalWrite(entries: [Fixture.entry(5, 2, bytes: 1000)])]),
        .append([JournalWrite(entries: [Fixture.entry(6, 2, bytes: 600)])]),
        .append([JournalWrite(hardState: Fixture.state(2, commit: 6), entries: [Fixture.entry(7, 2, bytes: 1000)])]),
        .append([JournalWrite(entries: [Fixture.entry(8, 2, bytes: 1000)])]),
        .save(Fixture.snapshot(6, 2)),
        .append([JournalWrite(entries: [Fixture.entry(9, 2, bytes: 1000)])]),
        .append([JournalWrite(entries: [Fixture.entry(10, 2, bytes: 1000)])]),
        .append([JournalWrite(hardState: Fixture.state(2, commit: 9), entries: [Fixture.entry(11, 2, bytes: 2500)])]),
        .save(Fixture.snapshot(9, 2)),
        .append([
            JournalWrite(hardState: Fixture.state(3, vote: 1, commit: 9)),
            JournalWrite(
                hardState: Fixture.state(3, vote: 1, commit: 20), snapshot: Fixture.snapshot(20, 3, bytes: 90)),
            JournalWrite(entries: [Fixture.entry(21, 3), Fixture.entry(22, 3)]),
        ]),
        .append([JournalWrite(hardState: Fixture.state(4, commit: 20), entries: [Fixture.entry(22, 4, bytes: 300)])]),
        .seal,
        // Larger than a segment, and than what can be enumerated.
        .append([JournalWrite(entries: [Fixture.entry(23, 4, bytes: 9000)])]),
        .save(Fixture.snapshot(22, 4)),
        .append([JournalWrite(hardState: Fixture.state(4, vote: 3, commit: 23))]),
    ]
}
