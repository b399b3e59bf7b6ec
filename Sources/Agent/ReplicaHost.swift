import Host
import Primitives
import Replica
import Synchronization

/// Runs a replica: takes inputs in their order, and has the effects performed in theirs.
///
/// Whoever posts to an idle replica handles the input at once, on its own thread, because waking another thread takes
/// longer than most inputs do. What comes meanwhile is left to the replica's thread, which handles all of it as one
/// batch. One thread at a time handles inputs and performs their effects.
///
/// Writes wait while the journal is at work, and are handled together when it is done: it would not begin with them
/// earlier, and a busy node shares one append and one message to each follower among all that came meanwhile.
///
/// The replica lives behind a lock, so that readers can look at it between two batches.
final class ReplicaHost: Sendable {
    /// What is there to be handled, and whether the thread is to end.
    private struct Inbox {
        private(set) var inputs: [ReplicaInput] = []
        /// Whether something waits that is no write.
        private var isPressing = false
        /// Appends that the journal has not completed.
        var appends = 0
        /// Somebody handles inputs right now.
        var isBusy = false
        /// The thread has a tick to handle, and comes next.
        var isTickDue = false
        /// Before ``start()`` and after the end nobody handles anything.
        var isRunning = false
        var isClosed = false
        var hasEnded = false

        /// Whether what waits is to be handled now.
        var isDue: Bool { isPressing || isTickDue || (!inputs.isEmpty && appends == 0) }

        mutating func add(_ input: ReplicaInput) {
            inputs.append(input)
            if case .write = input {} else { isPressing = true }
            if case .appended = input { appends -= 1 }
        }

        /// Everything that waits, for whoever handles it now.
        mutating func take() -> [ReplicaInput] {
            isBusy = true
            isPressing = false
            isTickDue = false
            defer { inputs = [] }
            return inputs
        }
    }

    private let inbox = Monitor(Inbox())
    private let replica: Mutex<Replica>
    private let perform: @Sendable ([ReplicaEffect]) -> Void

    /// - Parameter perform: Called on the thread that handles the inputs, and must not block.
    init(_ replica: sending Replica, perform: @escaping @Sendable ([ReplicaEffect]) -> Void) {
        self.replica = Mutex(replica)
        self.perform = perform
    }

    func start() {
        inbox.change { $0.isRunning = true }
        OwnThread.start(named: "replica") { self.run() }
    }

    /// What may wait before messages of other nodes are dropped, as they may be lost anyway: nobody who floods a slow
    /// node makes it grow.
    private static let messageBacklog = 8192

    /// Hands over an input that came over the mesh, unless too much is waiting.
    func post(message: ReplicaInput) {
        post(message, backlog: Self.messageBacklog)
    }

    /// Hands over an input. What comes after ``close()`` is dropped.
    func post(_ input: ReplicaInput) {
        post(input, backlog: .max)
    }

    /// Lays an input ready that is handled together with the next one; whoever calls this brings that at once.
    func queue(_ input: ReplicaInput) {
        inbox.withLock { inbox in
            if !inbox.isClosed { inbox.add(input) }
        }
    }

    /// The journal is about to be given work; a ``ReplicaInput/appended(_:)`` will follow.
    func appendBegins() {
        inbox.withLock { $0.appends += 1 }
    }

    private func post(_ input: ReplicaInput, backlog: Int) {
        let batch = inbox.withLock { inbox -> [ReplicaInput] in
            guard !inbox.isClosed, inbox.inputs.count < backlog else { return [] }
            inbox.add(input)
            // Whoever is at it leaves the rest to the thread.
            guard inbox.isRunning, !inbox.isBusy, !inbox.isTickDue, inbox.isDue else { return [] }
            return inbox.take()
        }
        guard !batch.isEmpty else { return }
        handle(batch)
        let isMoreDue = inbox.withLock { inbox in
            inbox.isBusy = false
            return inbox.isDue || inbox.isClosed
        }
        if isMoreDue { inbox.change { _ in } }
    }

    /// Looks at the replica between two batches. The body must be short.
    func look<Result: Sendable>(_ body: (borrowing Replica) -> Result) -> Result {
        replica.withLock { body($0) }
    }

    /// Ends the thread after the inputs that are queued, and returns when it has ended.
    func close() {
        inbox.change { $0.isClosed = true }
        inbox.wait { $0.hasEnded ? .done(()) : .wait(until: nil) }
    }

    private func run() {
        var nextTick = SystemClock.now() + ReplicaTiming.tickMilliseconds
        while true {
            var (inputs, isClosed) = inbox.wait { inbox -> Monitor<Inbox>.Next<([ReplicaInput], Bool)> in
                let now = SystemClock.now()
                if inbox.isBusy {
                    // Whoever is at it wakes this thread for what they leave, and for a tick.
                    inbox.isTickDue = now >= nextTick
                    return .wait(until: inbox.isTickDue ? nil : nextTick)
                }
                if !inbox.isDue, !inbox.isClosed, now < nextTick { return .wait(until: nextTick) }
                return .done((inbox.take(), inbox.isClosed))
            }
            let now = SystemClock.now()
            if !isClosed, now >= nextTick {
                inputs.append(.tick)
                // A stall costs ticks instead of a burst of them: time that nobody saw can't time anybody out.
                nextTick = max(nextTick + ReplicaTiming.tickMilliseconds, now)
            }
            if !inputs.isEmpty { handle(inputs) }
            inbox.withLock { $0.isBusy = false }
            if isClosed { break }
        }
        inbox.change { inbox in
            inbox.isRunning = false
            inbox.hasEnded = true
        }
    }

    private func handle(_ inputs: [ReplicaInput]) {
        let effects = replica.withLock { replica in
            replica.step(inputs, now: SystemClock.now(), wall: SystemClock.wallTime())
        }
        if !effects.isEmpty { perform(effects) }
    }
}
