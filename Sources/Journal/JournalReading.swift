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
    /// The bytes of the last two segments, each up to where its batches end.
    private(set) var lastBytes: [[UInt8]] = []
    /// Whether a crash came between making the last segment and announcing it in the one before.
    private(set) var hasUnannouncedSegment = false
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
        } catch  where error.isNotFound {
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
            throw .damaged(
                JournalDamage(file: path, offset: 0, reason: "there are snapshots, but no segment of the log"))
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
            try Self.check(segment, sequence: file.sequence, firstIndex: file.firstIndex)
            var state = replay ?? LogReplay(scan.head)
            if let previous = segments.last {
                hasUnannouncedSegment = try Self.check(segment, continues: previous, replay: state, isLast: isLast)
            }
            try Self.apply(scan, to: &state, path: path)
            replay = state
            segments.append(segment)
            lastBytes = lastBytes.suffix(1) + [Array(bytes[..<scan.end])]
        }
        guard let replay else { preconditionFailure("no segment of \(segmentNames.count) was read") }
        self.replay = replay
        try Self.checkEnd(segments[segments.count - 1], replay: replay)
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

    private static func apply(_ scan: SegmentScan, to replay: inout LogReplay, path: String) throws(JournalError) {
        replay.raise(to: scan.head.hardState)
        for found in scan.batches {
            for record in found.batch.records {
                guard let reason = replay.apply(record) else { continue }
                throw .damaged(JournalDamage(file: path, offset: found.offset, reason: reason))
            }
        }
    }
}
