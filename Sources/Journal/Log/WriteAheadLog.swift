import Host
import Primitives
public import Raft

/// The log on disk: what one raft node has promised, in segments of one directory, with its snapshots beside it.
///
/// Synchronous and without threads or clocks: each call returns when its effect is durable. One process has a
/// directory open at a time; ``JournalThread`` owns a log in a node, a simulator calls it directly.
///
/// Rules on which recovery rests:
///
/// * No batch is written before the one before it is durable. A batch that holds proves all before it.
/// * After a failed operation nothing more is written: every later call throws ``JournalError/stopped``.
///   ``JournalError/outOfSpace(_:)`` is no failed operation: nothing was begun.
/// * The log is never mended. Only the write that a crash interrupted is cut off; damage to anything that may have been
///   acknowledged makes ``open(on:directory:expecting:parameters:saltSeed:)`` throw.
public final class WriteAheadLog {
    let disk: any Disk
    let directory: String
    let parameters: JournalParameters
    /// Whose log it is.
    public let identity: JournalIdentity
    /// What was given last, or read at the start. Its commit index may be newer than the one on disk.
    public internal(set) var hardState: HardState
    /// The commit index that was given last. The one of `hardState` is higher after the mark of a snapshot that was
    /// recorded before writes which were asked for earlier.
    var givenCommit: LogIndex
    /// The last entry, or the snapshot if no entry follows it.
    public internal(set) var last: LogPosition
    /// The snapshots that are kept, newest first; at most two.
    public internal(set) var snapshots: [LogPosition]
    /// Whether there is room for what comes.
    public internal(set) var space: JournalSpace = .ample
    /// What was done since the log was opened.
    public internal(set) var statistics = JournalStatistics()

    /// The segments, oldest first; the last is the one written to.
    var segments: [Segment]
    /// The last segment's.
    var file: any DiskFile
    var head: SegmentHead
    /// Where the next batch begins.
    var offset: Int
    /// What the next batch is chained to, and the number of the last one; numbers are consecutive.
    var chain: UInt32
    var lastBatch: UInt64
    /// Whether the last batch holds data that no later batch proves durable, or a commit index is not written yet.
    var needsSeal: Bool
    /// The commit index that is durable in the log; never above that of `hardState`.
    var commitOnDisk: LogIndex
    /// The next segment's file, empty and as long as a segment.
    var nextSegment: (any DiskFile)?
    /// Writes zeros into it.
    var fill: SegmentFill?
    /// Whether the file is there that is removed to make room for a snapshot.
    var hasReserve = false
    /// Set by the first failure of the disk, for good: nothing is written or acknowledged afterwards.
    var hasStopped = false
    /// Gives each new segment its salt.
    var salts: SeededGenerator
    let lock: any DiskLock

    /// A segment, and the largest index that was ever in it.
    struct Segment {
        var name: JournalFileName
        var lastIndex: LogIndex
    }

    init(_ start: Start) {
        disk = start.disk
        directory = start.directory
        parameters = start.parameters
        identity = start.head.identity
        hardState = start.hardState
        givenCommit = start.hardState.commit
        last = start.last
        snapshots = start.snapshots
        segments = start.segments
        file = start.file
        head = start.head
        offset = start.offset
        chain = start.chain
        lastBatch = start.lastBatch
        needsSeal = start.needsSeal
        commitOnDisk = start.hardState.commit
        salts = start.salts
        lock = start.lock
    }

    /// Where a log begins its work, made by `create` and `open`.
    struct Start {
        var disk: any Disk
        var directory: String
        var parameters: JournalParameters
        var hardState: HardState
        var last: LogPosition
        var snapshots: [LogPosition]
        var segments: [Segment]
        var file: any DiskFile
        var head: SegmentHead
        var offset: Int
        var chain: UInt32
        var lastBatch: UInt64
        var needsSeal: Bool
        var salts: SeededGenerator
        var lock: any DiskLock
    }

    /// How many segments there are.
    public var segmentCount: Int { segments.count }

    /// Gives back files and lock; nothing is written. The log must not be used afterwards.
    public func close() {
        hasStopped = true
        fill?.cancel()
        fill = nil
        file.close()
        nextSegment?.close()
        nextSegment = nil
        lock.release()
    }

    /// Does something to the disk of which a failure is the end.
    func fatally<Result>(_ body: () throws(DiskError) -> Result) throws(JournalError) -> Result {
        guard !hasStopped else { throw .stopped }
        do {
            return try body()
        } catch {
            hasStopped = true
            throw .disk(error)
        }
    }
}

/// Whether there is room for what comes.
public enum JournalSpace: Hashable, Sendable {
    /// The next segment and the reserve are there.
    case ample
    /// They can't both be had, so perhaps only the rest of the current segment is sure. A leader should hand over and
    /// take no proposals, a follower should take no entries; votes and terms still find room for long.
    case short
}

/// What a log has done since it was opened.
public struct JournalStatistics: Hashable, Sendable {
    /// Bytes handed to the disk: batches and segment heads.
    public internal(set) var bytesWritten = 0
    /// Batches written, each with one sync.
    public internal(set) var batches = 0
    /// Of these, the ones that only prove the batch before.
    public internal(set) var seals = 0
    /// Entries written.
    public internal(set) var entries = 0
    public internal(set) var segmentsCreated = 0
    public internal(set) var segmentsRemoved = 0
    public internal(set) var snapshots = 0

    public init() {}
}
