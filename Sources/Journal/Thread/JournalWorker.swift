import Host
import Primitives
import Raft

extension JournalThread {
    /// One thing asked of the journal.
    struct Work: Sendable {
        enum Kind: Sendable {
            case write(JournalWrite)
            /// A snapshot of the node's own, whose file is written unless there was no room.
            case snapshot(JournalSnapshot, isWritten: Bool, @Sendable (JournalError?) -> Void)
            /// Writing a snapshot's file failed for good.
            case fail(JournalError)
        }

        var kind: Kind
        /// When it was submitted.
        var since: Instant
        var completion: @Sendable (_ isLastOfGroup: Bool) -> Void

        var write: JournalWrite? {
            if case .write(let write) = kind { return write }
            return nil
        }

        var isWrite: Bool { write != nil }
    }

    /// What submitters and the thread share.
    struct Shared: Sendable {
        /// What was submitted and not begun, in the order of submission.
        var queue: [Work] = []
        /// What the thread is at.
        var inProgress: [Work] = []
        /// Whether a snapshot was submitted and is not completed; there is at most one.
        var savesSnapshot = false
        /// What the thread has published last.
        var status: Status
        /// The observer of whether there is room, and what it was told last.
        var spaceObserver: (@Sendable (JournalSpace) -> Void)?
        var toldSpace: JournalSpace?
        /// Set when the journal shall stop.
        var stopped: (@Sendable () -> Void)?

        init(status: Status) {
            self.status = status
        }

        var takesWork: Bool { stopped == nil && !status.hasFailed }
    }
}

/// What the journal's thread does.
///
/// Unchecked Sendable, because it crosses from the thread that makes it to the one that runs it, once, and only that
/// one touches it afterwards.
final class JournalWorker: @unchecked Sendable {
    private typealias Work = JournalThread.Work

    private let log: WriteAheadLog
    private let disk: any Disk & Sendable
    private let shared: Monitor<JournalThread.Shared>
    private let limits: JournalThread.GroupLimits
    private let onFailure: @Sendable (JournalError) -> Void
    /// When to seal, and when to ask for space again.
    private var sealAt: Instant?
    private var retryAt: Instant?

    init(
        log: sending WriteAheadLog, disk: any Disk & Sendable, shared: Monitor<JournalThread.Shared>,
        limits: JournalThread.GroupLimits,
        onFailure: @escaping @Sendable (JournalError) -> Void
    ) {
        self.log = log
        self.disk = disk
        self.shared = shared
        self.limits = limits
        self.onFailure = onFailure
    }

    private enum Step {
        case perform([Work])
        case seal
        case reserveSpace
        case tellSpace
        case finish(@Sendable () -> Void)
    }

    func run() {
        scheduleSeal()
        publish()
        while true {
            do throws(JournalError) {
                switch shared.wait(nextStep) {
                case .perform(let group): try perform(group)
                case .seal:
                    try log.seal()
                    sealAt = nil
                    publish()
                case .reserveSpace:
                    try log.reserveSpace()
                    retryAt = nil
                    publish()
                case .tellSpace: publish()
                case .finish(let completion):
                    try log.seal()
                    log.close()
                    completion()
                    return
                }
            } catch {
                fail(error)
                return
            }
        }
    }

    /// Chooses what to do now, or how long to wait.
    private func nextStep(_ shared: inout JournalThread.Shared) -> Monitor<JournalThread.Shared>.Next<Step> {
        let now = SystemClock.now()
        if shared.spaceObserver != nil && shared.toldSpace == nil { return .done(.tellSpace) }
        if let retryAt, now >= retryAt { return .done(.reserveSpace) }
        if !shared.queue.isEmpty {
            shared.inProgress = takeGroup(&shared.queue)
            return .done(.perform(shared.inProgress))
        }
        if let stopped = shared.stopped { return .done(.finish(stopped)) }
        if let sealAt, now >= sealAt { return .done(.seal) }
        return .wait(until: [sealAt, retryAt].compactMap(\.self).min())
    }

    /// What is done next: writes that one sync makes durable, or one thing else.
    private func takeGroup(_ queue: inout [Work]) -> [Work] {
        let group = Array(queue.prefix(limits.groupCount(queue.lazy.map(\.write))))
        queue.removeFirst(group.count)
        return group
    }

    private func perform(_ group: [Work]) throws(JournalError) {
        switch group[0].kind {
        case .write:
            guard try appendWhenThereIsRoom(group) else { return }
            scheduleSeal()
            publish { $0.inProgress = [] }
            for (position, work) in group.enumerated() { work.completion(position == group.count - 1) }
            log.fillNextSegment(on: disk)
        case .snapshot(let content, let isWritten, let completion):
            try save(content, isWritten: isWritten, completion) { $0.inProgress = [] }
        case .fail(let error):
            throw error
        }
    }

    /// What ends the wait for room.
    private enum RoomWait {
        case tryAgain
        /// Work that overtakes the writes: a snapshot, whose mark may make room, or the failure of one.
        case overtake(Work)
        case stop
    }

    /// Appends, if need be as soon as there is room; false if the journal shall stop before there is.
    private func appendWhenThereIsRoom(_ group: [Work]) throws(JournalError) -> Bool {
        let writes = group.compactMap(\.write)
        while true {
            do {
                try log.append(writes)
                return true
            } catch  where error.isRetriable {
                publish()
                let again = SystemClock.now() + JournalThread.retryMilliseconds
                let last = log.last.index
                switch shared.wait({ Self.whileWaiting(&$0, until: again, last: last) }) {
                case .tryAgain: break
                case .overtake(let work): try overtake(work)
                case .stop:
                    // No caller was told that these are durable, and nothing after them may be.
                    shared.change { $0.queue = [] }
                    return false
                }
                try log.reserveSpace()
            }
        }
    }

    private static func whileWaiting(
        _ shared: inout JournalThread.Shared, until again: Instant, last: LogIndex
    ) -> Monitor<JournalThread.Shared>.Next<RoomWait> {
        if shared.stopped != nil { return .done(.stop) }
        let next = shared.queue.firstIndex { work in
            switch work.kind {
            case .write: false
            // It says nothing of what waits: its entries are in the log.
            case .snapshot(let content, _, _): content.snapshot.index <= last
            case .fail: true
            }
        }
        if let next { return .done(.overtake(shared.queue.remove(at: next))) }
        return SystemClock.now() >= again ? .done(.tryAgain) : .wait(until: again)
    }

    private func overtake(_ work: Work) throws(JournalError) {
        switch work.kind {
        case .write: preconditionFailure("a write overtakes another")
        case .snapshot(let content, let isWritten, let completion):
            try save(content, isWritten: isWritten, completion) { _ in }
        case .fail(let error): throw error
        }
    }

    /// Stores the snapshot, publishes that together with `also`, and completes it.
    private func save(
        _ content: JournalSnapshot, isWritten: Bool, _ completion: @Sendable (JournalError?) -> Void,
        also: (inout JournalThread.Shared) -> Void
    ) throws(JournalError) {
        let failure = try store(content, isWritten: isWritten)
        scheduleSeal()
        publish { shared in
            also(&shared)
            shared.savesSnapshot = false
        }
        completion(failure)
    }

    /// Stores the snapshot unless a newer one is there; answers why there was no room.
    private func store(_ content: JournalSnapshot, isWritten: Bool) throws(JournalError) -> JournalError? {
        let position = content.snapshot.metadata.position
        if position.index <= log.snapshots.first?.index ?? .zero { return nil }
        do {
            if isWritten {
                try log.recordSnapshot(position)
            } else {
                try log.saveSnapshot(content)
            }
            return nil
        } catch  where error.isRetriable {
            return error
        }
    }

    private func scheduleSeal() {
        if !log.isSealed { sealAt = SystemClock.now() + JournalThread.sealAfterMilliseconds }
    }

    /// Tells what is known of the log now.
    private func publish(_ also: (inout JournalThread.Shared) -> Void = { _ in }) {
        retryAt =
            log.space == .short ? retryAt ?? SystemClock.now() + JournalThread.retryMilliseconds : nil
        let status = JournalThread.Status(log)
        // Only this thread waits for what is changed here.
        let observer = shared.withLock { shared -> (@Sendable (JournalSpace) -> Void)? in
            shared.status = status
            also(&shared)
            guard let observer = shared.spaceObserver, shared.toldSpace != status.space else { return nil }
            shared.toldSpace = status.space
            return observer
        }
        observer?(status.space)
    }

    private func fail(_ error: JournalError) {
        // Nothing more is written, so the directory may be given up; the next to open it finds out what is durable.
        log.close()
        var stopped: (@Sendable () -> Void)?
        shared.change { shared in
            shared.status.hasFailed = true
            shared.queue = []
            stopped = shared.stopped
        }
        onFailure(error)
        stopped?()
    }
}
