public import Raft

extension JournalInspection {
    /// A file of the log.
    public struct Segment: Hashable, Sendable {
        /// How the batches of a segment end.
        public enum Ending: Hashable, Sendable {
            /// Nothing but zeros follows.
            case clean
            /// So many bytes of a write that was interrupted, or is in progress.
            case torn(bytes: Int)
            /// What follows was durable once and can't be read.
            case damaged(reason: String)
        }

        public var file: String
        public var identity: JournalIdentity
        public var sequence: UInt64
        /// The index after the last entry when the segment was made.
        public var firstIndex: UInt64
        /// Bytes up to the end of the last batch, of the file's length.
        public var usedBytes: Int
        public var segmentBytes: Int
        public var batches: Int
        /// Batches without entries or marks, that only prove the one before durable.
        public var seals: Int
        public var entries: Int
        /// The lowest and highest index of its entries.
        public var indexes: ClosedRange<UInt64>?
        /// The lowest and highest term of its entries.
        public var terms: ClosedRange<UInt64>?
        /// What the node had promised at its end.
        public var hardState: HardState
        public var ending: Ending
    }

    /// A snapshot's file.
    public struct SnapshotSummary: Hashable, Sendable {
        public var file: String
        public var position: LogPosition
        /// Whether the log names it; one that it does not name is removed by the next start.
        public var isRecorded: Bool
        /// What the file says; nil if it can't be read.
        public var confState: ConfState?
        public var stateHash: UInt64?
        /// Of its data.
        public var bytes: Int?
        /// Why it can't be read.
        public var problem: JournalError?
    }

    /// An entry as it was written.
    public struct EntrySummary: Hashable, Sendable {
        public var index: UInt64
        public var term: UInt64
        public var kind: Entry.Kind
        /// Of its data.
        public var bytes: Int
        public var file: String
        /// The number of its batch, and where in the file that begins.
        public var batch: UInt64
        public var offset: Int
        /// Whether a later entry took its place, or that of one before it.
        public var isReplaced = false
    }
}

extension JournalInspection.Segment {
    init(_ segment: JournalReading.Segment, _ found: [SegmentScan.Found]) {
        let head = segment.scan.head
        var state = head.hardState
        var indexes: [UInt64] = []
        var terms: [UInt64] = []
        for record in found.lazy.flatMap(\.batch.records) {
            switch record {
            case .hardState(let next): state = next
            case .entry(let entry):
                indexes.append(entry.index.rawValue)
                terms.append(entry.term.rawValue)
            case .snapshotSaved, .snapshotInstalled, .continued: break
            }
        }
        file = segment.path
        identity = head.identity
        sequence = head.sequence
        firstIndex = head.firstIndex.rawValue
        usedBytes = segment.scan.end
        segmentBytes = head.segmentBytes
        batches = segment.scan.batchCount
        seals = found.count { $0.batch.isSeal }
        entries = indexes.count
        self.indexes = Self.range(indexes)
        self.terms = Self.range(terms)
        hardState = state
        ending =
            switch segment.scan.ending {
            case .clean: .clean
            case .torn(let bytes): .torn(bytes: bytes)
            case .damaged(let reason, _): .damaged(reason: reason)
            }
    }

    private static func range(_ values: [UInt64]) -> ClosedRange<UInt64>? {
        guard let least = values.min(), let greatest = values.max() else { return nil }
        return least...greatest
    }
}

extension Batch {
    /// Whether it says nothing that was not known, but for a commit index.
    fileprivate var isSeal: Bool {
        records.isEmpty
    }
}
