public import Host
public import Raft

/// What a journal's directory holds, read without changing anything.
///
/// It takes no lock, so that it works beside a running node; then a write in progress shows as an interrupted one.
public struct JournalInspection: Sendable {
    public struct Segment: Hashable, Sendable {
        public var file: String
        public var sequence: UInt64
        /// Bytes up to the end of the last batch, of the file's length.
        public var usedBytes: Int
        public var segmentBytes: Int
        public var batches: Int
        public var entries: Int
        /// The lowest and highest index of its entries.
        public var indexes: ClosedRange<UInt64>?
    }

    public struct SnapshotSummary: Hashable, Sendable {
        public var file: String
        public var metadata: SnapshotMetadata
        public var stateHash: UInt64
        public var bytes: Int
        /// Whether the log names it; one that it does not name is removed by the next start.
        public var isRecorded: Bool
    }

    public private(set) var segments: [Segment] = []
    public private(set) var snapshots: [SnapshotSummary] = []
    /// What a start would go on with; nil if it would refuse.
    public private(set) var recovered: RecoveredJournal?
    /// What is wrong. A start refuses if ``recovered`` is nil.
    public private(set) var problems: [JournalError] = []

    /// Whether everything that was acknowledged can be read back.
    public var isSound: Bool { problems.isEmpty }

    /// Reads everything. Throws only if there is no journal, or the disk can't be read.
    public init(on disk: any Disk, directory: String) throws(JournalError) {
        var recorded: [LogPosition] = []
        var found: [Segment] = []
        do {
            let reading = try JournalReading(disk, directory: directory) { found.append(Segment($0, $1)) }
            recorded = reading.replay.snapshots
            recovered = try reading.result(disk)
        } catch {
            switch error {
            case .missing, .disk: throw error
            default: problems.append(error)
            }
        }
        segments = found
        if let damage = recovered?.unreadableSnapshot { problems.append(.damaged(damage)) }
        try readSnapshots(disk, directory: directory, recorded: recorded)
    }

    private mutating func readSnapshots(
        _ disk: any Disk, directory: String, recorded: [LogPosition]
    ) throws(JournalError) {
        let names: [String]
        do {
            names = try disk.list(directory)
        } catch {
            throw .disk(error)
        }
        for name in names {
            guard case .snapshot(let position)? = JournalFileName(name) else { continue }
            do {
                let content = try SnapshotFile.read(position, on: disk, in: directory)
                snapshots.append(
                    SnapshotSummary(
                        file: directory + "/" + name, metadata: content.snapshot.metadata,
                        stateHash: content.stateHash, bytes: content.snapshot.data.count,
                        isRecorded: recorded.contains(position)))
            } catch {
                if case .disk = error { throw error }
                if !problems.contains(error) { problems.append(error) }
            }
        }
    }
}

extension JournalInspection.Segment {
    init(_ segment: JournalReading.Segment, _ found: [SegmentScan.Found]) {
        let indexes = found.flatMap { $0.batch.records.compactMap(\.entryIndex?.rawValue) }
        file = segment.path
        sequence = segment.scan.head.sequence
        usedBytes = segment.scan.end
        segmentBytes = segment.scan.head.segmentBytes
        batches = segment.scan.batchCount
        entries = indexes.count
        self.indexes = indexes.min().map { $0...segment.scan.lastIndex.rawValue }
    }
}
