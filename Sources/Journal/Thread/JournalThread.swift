public import Host
package import Primitives
public import Raft

/// A log with a thread of its own, so that no task ever waits for a disk.
///
/// While one sync runs, what arrives is queued, and goes to disk together with the next (group commit). Completions
/// come in the order of submission, on the journal's thread, and must not wait for anything. They may do work there, as
/// a node handles what has become durable: the next group begins when they have returned, and takes what came
/// meanwhile.
///
/// After the first failed write or sync nothing more is written or completed, `onFailure` is called once, and the
/// process must end. Writes for which there is no room are kept and tried again every second; the submitter sees it
/// by ``observeSpace(_:)``, should stop submitting entries, and bounds the queue by that.
///
/// An idle journal writes nothing: 100 ms after the last write one seal, and then silence.
public final class JournalThread: Sendable {
    /// What is known of the log after its last completed operation.
    public struct Status: Hashable, Sendable {
        public var space: JournalSpace
        public var statistics: JournalStatistics
        public var last: LogPosition
        public var snapshots: [LogPosition]
        public var segmentCount: Int
        /// Whether a failure stopped the journal for good.
        public var hasFailed = false
    }

    /// How long nothing must have been written before the last data is sealed.
    public static let sealAfterMilliseconds: Int64 = 100
    /// How often space is asked for again while there is too little.
    static let retryMilliseconds: Int64 = 1000

    let shared: Monitor<Shared>
    let disk: any Disk & Sendable
    let directory: String
    let clusterID: String
    let chunkBytes: Int

    /// Takes a log over and starts its thread.
    ///
    /// - Parameters:
    ///   - disk: The one that the log was opened on.
    ///   - onFailure: Called at most once, on one of the journal's threads.
    public init(
        _ log: sending WriteAheadLog, disk: any Disk & Sendable, limits: GroupLimits,
        onFailure: @escaping @Sendable (JournalError) -> Void
    ) {
        self.disk = disk
        directory = log.directory
        clusterID = log.identity.clusterID
        chunkBytes = log.parameters.snapshotChunkBytes
        shared = Monitor(Shared(status: Status(log)))
        let worker = JournalWorker(log: log, disk: disk, shared: shared, limits: limits, onFailure: onFailure)
        OwnThread.start(named: "journal") { worker.run() }
    }

    /// Queues a write; `completion` is called when it is durable, and never if it fails.
    ///
    /// What one sync made durable is completed together: the last one of them is told that it is the last.
    public func submit(
        _ write: JournalWrite, completion: @escaping @Sendable (_ isLastOfGroup: Bool) -> Void
    ) {
        let now = SystemClock.now()
        shared.change { shared in
            guard shared.takesWork else { return }
            shared.queue.append(Work(kind: .write(write), since: now, completion: completion))
        }
    }

    /// Stores the node's own snapshot: its file on a thread of its own beside the log, then its mark in the log.
    ///
    /// `completion` gets nil when it is durable, or when a newer one was installed meanwhile; or
    /// ``JournalError/outOfSpace(_:)``, after which the log goes on without it. One snapshot is saved at a time: asking
    /// for a second one before the completion of the first stops the program.
    public func saveSnapshot(
        _ content: JournalSnapshot, completion: @escaping @Sendable (JournalError?) -> Void
    ) {
        let mayBegin = shared.withLock { shared in
            guard shared.takesWork else { return false }
            precondition(!shared.savesSnapshot, "a second snapshot while one is being saved")
            shared.savesSnapshot = true
            return true
        }
        guard mayBegin else { return }
        OwnThread.start(named: "journal-snap") { [self] in
            var failure: JournalError?
            do throws(JournalError) {
                try SnapshotFile.write(
                    content, clusterID: clusterID, on: disk, in: directory, chunkBytes: chunkBytes)
            } catch {
                failure = error
            }
            let now = SystemClock.now()
            let isWritten = failure == nil
            let fatal = failure.flatMap { $0.isRetriable ? nil : $0 }
            shared.change { shared in
                let kind: Work.Kind = fatal.map { .fail($0) } ?? .snapshot(content, isWritten: isWritten, completion)
                shared.queue.append(Work(kind: kind, since: now, completion: { _ in }))
            }
        }
    }

    /// Completes what is queued, seals, gives up the directory and ends the thread; then calls `completion`.
    ///
    /// What is submitted from now on is dropped. Waits neither for space nor for a snapshot that is being written;
    /// after a failure there is nothing to wait for at all. Asked for once.
    public func stop(completion: @escaping @Sendable () -> Void) {
        var hasEnded = false
        shared.change { shared in
            precondition(shared.stopped == nil, "a journal is stopped once")
            shared.stopped = completion
            hasEnded = shared.status.hasFailed
        }
        if hasEnded { completion() }
    }

    /// Tells whether there is room: soon, and again after each change, on the journal's thread.
    ///
    /// While it is ``JournalSpace/short`` a leader should hand over and refuse proposals, and a follower should leave
    /// entries alone before its log takes them: a write that finds no room holds up all writes after it, votes too,
    /// because completions keep the order in which writes were submitted. Only marks of snapshots go first, because
    /// they make room. A log that runs has nearly a whole segment left when it is told; one that was opened on a full
    /// disk has what is left of its last segment. Set once; the call must be short.
    public func observeSpace(_ observer: @escaping @Sendable (JournalSpace) -> Void) {
        shared.change { shared in
            precondition(shared.spaceObserver == nil, "space is observed once")
            shared.spaceObserver = observer
        }
    }

    /// When the oldest write was submitted that is not completed yet; nil if there is none. Tests see by it that one
    /// waits; a leader with a stalled disk counts the ticks that it has been waiting for.
    package var pendingSince: Instant? {
        shared.withLock { ($0.inProgress.first ?? $0.queue.first { $0.isWrite })?.since }
    }

    public var status: Status { shared.withLock { $0.status } }
}

extension JournalThread.Status {
    init(_ log: WriteAheadLog) {
        space = log.space
        statistics = log.statistics
        last = log.last
        snapshots = log.snapshots
        segmentCount = log.segmentCount
    }
}
