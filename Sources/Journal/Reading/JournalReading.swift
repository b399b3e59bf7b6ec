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
    }

    let directory: String
    private(set) var segments: [Segment] = []
    /// Whether a crash came between making the last segment and announcing it in the one before.
    private(set) var hasUnannouncedSegment = false
    private(set) var replay: LogReplay
    /// The snapshot files, ascending by index.
    private(set) var snapshotFiles: [LogPosition] = []

    /// Reads and checks all segments.
    ///
    /// - Parameter visit: Gets each segment with its batches as soon as it is read, also one that is damaged, before
    ///   that is thrown.
    init(
        _ disk: any Disk, directory: String, visit: (Segment, [SegmentScan.Found]) -> Void
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
            var batches: [SegmentScan.Found] = []
            let scan = try Self.scan(path, disk: disk) { batches.append($0) }
            let segment = Segment(name: file.name, path: path, scan: scan)
            visit(segment, batches)
            try Self.check(segment, sequence: file.sequence, firstIndex: file.firstIndex)
            var state = replay ?? LogReplay(scan.head)
            replay = nil
            if let previous = segments.last {
                hasUnannouncedSegment = try Self.check(segment, continues: previous, replay: state, isLast: isLast)
            }
            try Self.apply(batches, of: segment, to: &state)
            replay = state
            segments.append(segment)
        }
        guard let replay else { preconditionFailure("no segment of \(segmentNames.count) was read") }
        self.replay = replay
        try Self.checkEnd(segments[segments.count - 1], replay: replay)
    }

    private static func scan(
        _ path: String, disk: any Disk, take: (SegmentScan.Found) -> Void
    ) throws(JournalError) -> SegmentScan {
        let file: any DiskFile
        do {
            file = try disk.open(path, for: .reading)
        } catch {
            throw .disk(error)
        }
        defer { file.close() }
        return try SegmentScan(file, take: take)
    }

    private static func apply(
        _ batches: [SegmentScan.Found], of segment: Segment, to replay: inout LogReplay
    ) throws(JournalError) {
        replay.raise(to: segment.scan.head.hardState)
        for found in batches {
            for record in found.batch.records {
                guard let reason = replay.apply(record) else { continue }
                throw .damaged(JournalDamage(file: segment.path, offset: found.offset, reason: reason))
            }
        }
    }
}
