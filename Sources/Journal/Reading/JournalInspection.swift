public import Host
import Raft

/// What a journal's directory holds, read without changing anything.
///
/// It takes no lock, so that it works beside a running node; then a write in progress shows as an interrupted one.
public struct JournalInspection: Sendable {
    public let directory: String
    /// Whose log the oldest segment says it is; nil if that can't be read.
    public private(set) var identity: JournalIdentity?
    /// The process that has the directory open, if one of this host is seen to.
    public private(set) var holder: Int32?
    /// In the order of the log.
    public private(set) var segments: [Segment] = []
    /// By index, ascending.
    public private(set) var snapshots: [SnapshotSummary] = []
    /// The entries that were asked for, in the order in which they were written.
    public private(set) var entries: [EntrySummary] = []
    /// What a start would go on with; nil if it would refuse.
    public private(set) var recovered: RecoveredJournal?
    /// What is wrong. A start refuses if ``recovered`` is nil.
    public private(set) var problems: [JournalError] = []

    /// Whether everything that was acknowledged can be read back.
    public var isSound: Bool { problems.isEmpty }

    /// Reads everything and lists no entries.
    ///
    /// - Throws: ``JournalError/missing(directory:)`` and ``JournalError/disk(_:)``; damage is among ``problems``.
    public init(on disk: any Disk, directory: String) throws(JournalError) {
        try self.init(on: disk, directory: directory, entries: nil)
    }

    /// Reads everything. Throws only if there is no journal, or the disk can't be read.
    ///
    /// - Parameters:
    ///   - directory: The journal's own, `raft` in a node's data directory.
    ///   - range: Of which indexes entries are listed; nil for none.
    public init(
        on disk: any Disk, directory: String, entries range: ClosedRange<UInt64>?
    ) throws(JournalError) {
        self.directory = directory
        holder = DirectoryLock.holder(of: JournalFileName.lock.path(in: directory))
        var recorded: [LogPosition] = []
        var found: [Segment] = []
        var listed = EntryList(range: range)
        do {
            let reading = try JournalReading(disk, directory: directory) { segment, batches in
                found.append(Segment(segment, batches))
                for batch in batches { listed.add(batch, file: segment.path) }
            }
            recorded = reading.replay.snapshots
            recovered = try reading.result(disk) { _ in nil }
        } catch {
            switch error {
            case .missing, .disk: throw error
            default: problems.append(error)
            }
        }
        segments = found
        entries = listed.entries
        identity = found.first?.identity
        if let damage = recovered?.unreadableSnapshot { problems.append(.damaged(damage)) }
        try readSnapshots(disk, recorded: recorded)
    }

    private mutating func readSnapshots(_ disk: any Disk, recorded: [LogPosition]) throws(JournalError) {
        let names: [String]
        do {
            names = try disk.list(directory)
        } catch {
            throw .disk(error)
        }
        for name in names {
            guard case .snapshot(let position)? = JournalFileName(name) else { continue }
            var summary = SnapshotSummary(
                file: directory + "/" + name, position: position, isRecorded: recorded.contains(position))
            do {
                let content = try SnapshotFile.read(
                    position, of: identity?.clusterID, on: disk, in: directory)
                summary.confState = content.snapshot.metadata.confState
                summary.stateHash = content.stateHash
                summary.bytes = content.snapshot.data.count
            } catch {
                if case .disk = error { throw error }
                summary.problem = error
                // A file that the log does not name is removed by the next start, whatever is in it.
                if summary.isRecorded && !problems.contains(error) { problems.append(error) }
            }
            snapshots.append(summary)
        }
    }
}

/// Collects what batches say of some indexes.
private struct EntryList {
    let range: ClosedRange<UInt64>?
    private(set) var entries: [JournalInspection.EntrySummary] = []

    init(range: ClosedRange<UInt64>?) {
        self.range = range
    }

    mutating func add(_ found: SegmentScan.Found, file: String) {
        guard let range else { return }
        for case .entry(let entry) in found.batch.records {
            for position in entries.indices.reversed() where !entries[position].isReplaced {
                guard entries[position].index >= entry.index.rawValue else { break }
                entries[position].isReplaced = true
            }
            guard range.contains(entry.index.rawValue) else { continue }
            entries.append(
                JournalInspection.EntrySummary(
                    index: entry.index.rawValue, term: entry.term.rawValue, kind: entry.kind, bytes: entry.data.count,
                    file: file, batch: found.batch.number, offset: found.offset))
        }
    }
}
