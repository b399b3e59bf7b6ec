import Host
import Primitives
import Raft

/// A journal's directory as read, without changing anything: what recovery and inspection share.
struct JournalReading {
    /// A segment and what its bytes say.
    struct Segment {
        var name: JournalFileName
        var path: String
        var scan: SegmentScan
        /// The largest index of its entries; zero if it has none.
        var lastIndex: LogIndex
    }

    let directory: String
    private(set) var segments: [Segment] = []
    /// The bytes of the last segment up to where its batches end.
    private(set) var lastSegmentBytes: [UInt8] = []
    private(set) var replay: LogReplay
    /// The snapshot files, ascending by index.
    private(set) var snapshotFiles: [LogPosition] = []

    /// Reads and checks all segments.
    ///
    /// - Parameter visit: Gets each segment as soon as it is read, also one that is damaged, before that is thrown.
    init(
        _ disk: any Disk, directory: String, visit: (Segment) -> Void
    ) throws(JournalError) {
        let names: [String]
        do {
            names = try disk.list(directory)
        } catch where error.isNotFound {
            throw .missing(directory: directory)
        } catch {
            throw .disk(error)
        }
        var segmentNames: [(sequence: UInt64, firstIndex: LogIndex, name: JournalFileName)] = []
        for name in names {
            switch JournalFileName(name) {
            case .segment(let sequence, let first)?:
                segmentNames.append((sequence, first, .segment(sequence: sequence, firstIndex: first)))
            case .snapshot(let position)?: snapshotFiles.append(position)
            case .lock?, .temporary?, nil: break
            }
        }
        segmentNames.sort { $0.sequence < $1.sequence }
        guard !segmentNames.isEmpty else {
            guard let snapshot = snapshotFiles.first else { throw .missing(directory: directory) }
            let path = JournalFileName.snapshot(snapshot).path(in: directory)
            throw .damaged(JournalDamage(file: path, offset: 0, reason: "there are snapshots, but no segment of the log"))
        }
        self.directory = directory
        var replay: LogReplay?
        for (position, file) in segmentNames.enumerated() {
            let isLast = position == segmentNames.count - 1
            let path = file.name.path(in: directory)
            let bytes = try Self.readFile(path, disk: disk)
            let scan = try SegmentScan(bytes, file: path)
            let segment = Segment(name: file.name, path: path, scan: scan, lastIndex: Self.lastIndex(of: scan))
            visit(segment)
            try Self.check(segment, sequence: file.sequence, firstIndex: file.firstIndex, after: segments.last)
            var state = replay ?? LogReplay(scan.head)
            try Self.check(scan.head, continues: state, path: path, isFirst: replay == nil)
            try Self.apply(scan, to: &state, path: path)
            try Self.checkEnding(segment, isLast: isLast, replay: state)
            replay = state
            segments.append(segment)
            if isLast { lastSegmentBytes = Array(bytes[..<scan.end]) }
        }
        guard let replay else { preconditionFailure("no segment of \(segmentNames.count) was read") }
        self.replay = replay
    }

    private static func readFile(_ path: String, disk: any Disk) throws(JournalError) -> [UInt8] {
        do {
            let file = try disk.open(path, for: .reading)
            defer { file.close() }
            return try file.read(at: 0, count: try file.size())
        } catch {
            throw .disk(error)
        }
    }

    private static func lastIndex(of scan: SegmentScan) -> LogIndex {
        var last = LogIndex.zero
        for found in scan.batches {
            for case .entry(let entry) in found.batch.records { last = max(last, entry.index) }
        }
        return last
    }

    /// That the segment is the one its name says, and continues the one before.
    private static func check(
        _ segment: Segment, sequence: UInt64, firstIndex: LogIndex, after previous: Segment?
    ) throws(JournalError) {
        let head = segment.scan.head
        guard head.sequence == sequence, head.firstIndex == firstIndex else {
            throw .damaged(
                JournalDamage(file: segment.path, offset: 0, reason: "the file was made under another name"))
        }
        guard let previous else { return }
        let before = previous.scan
        guard head.sequence == before.head.sequence + 1 else {
            throw .damaged(
                JournalDamage(
                    file: segment.path, offset: 0, firstIndex: previous.lastIndex.next.rawValue,
                    lastIndex: firstIndex.rawValue - 1,
                    reason: "segment \(before.head.sequence + 1) of the log is not there"))
        }
        guard head.identity == before.head.identity else {
            throw .wrongIdentity(file: segment.path, expected: before.head.identity, found: head.identity)
        }
        guard head.previousChain == before.chain, head.previousBatch == before.lastNumber else {
            throw .damaged(
                JournalDamage(
                    file: previous.path, offset: before.end, firstIndex: previous.lastIndex.next.rawValue,
                    lastIndex: firstIndex.rawValue - 1,
                    reason: "it ends with batch \(before.lastNumber), but the next segment continues "
                        + "batch \(head.previousBatch)"))
        }
    }

    /// That a later segment's head says the same as the log before it.
    private static func check(
        _ head: SegmentHead, continues replay: LogReplay, path: String, isFirst: Bool
    ) throws(JournalError) {
        guard !isFirst else { return }
        // The commit index may have risen without having been written before.
        guard head.firstIndex == replay.lastIndex.next, head.hardState.term == replay.hardState.term,
            head.hardState.vote == replay.hardState.vote, head.hardState.commit >= replay.hardState.commit
        else {
            throw .damaged(
                JournalDamage(
                    file: path, offset: 0,
                    reason: "the segment was made for a log up to \(head.firstIndex.rawValue - 1) in term "
                        + "\(head.hardState.term), not up to \(replay.lastIndex) in term \(replay.hardState.term)"))
        }
    }

    private static func apply(_ scan: SegmentScan, to replay: inout LogReplay, path: String) throws(JournalError) {
        replay.raise(to: scan.head.hardState)
        for found in scan.batches {
            for record in found.batch.records {
                guard let reason = replay.apply(record) else { continue }
                throw .damaged(JournalDamage(file: path, offset: found.offset, reason: reason))
            }
        }
    }

    private static func checkEnding(
        _ segment: Segment, isLast: Bool, replay: LogReplay
    ) throws(JournalError) {
        switch segment.scan.ending {
        case .clean: return
        case .torn where isLast: return
        case .torn(let bytes):
            throw .damaged(
                JournalDamage(
                    file: segment.path, offset: segment.scan.end, firstIndex: replay.lastIndex.next.rawValue,
                    reason: "\(bytes) bytes that are no whole batch, though another segment follows"))
        case .damaged(let reason, let lastIndex):
            throw .damaged(
                JournalDamage(
                    file: segment.path, offset: segment.scan.end, firstIndex: replay.lastIndex.next.rawValue,
                    lastIndex: lastIndex?.rawValue, reason: reason))
        }
    }
}
