import Host
import Primitives
import Replica
import Synchronization

/// Runs a replica on a thread of its own: takes inputs in their order, and has the effects performed in theirs.
///
/// The replica lives behind a lock, so that readers can look at it between two inputs; only the thread changes it.
final class ReplicaHost: Sendable {
    /// What is there to be handled, and whether the thread is to end.
    private struct Inbox {
        var inputs: [ReplicaInput] = []
        var isClosed = false
        var hasEnded = false
    }

    private let inbox = Monitor(Inbox())
    private let replica: Mutex<Replica>
    private let perform: @Sendable ([ReplicaEffect]) -> Void

    /// - Parameter perform: Called on the replica's thread, and must not block.
    init(_ replica: sending Replica, perform: @escaping @Sendable ([ReplicaEffect]) -> Void) {
        self.replica = Mutex(replica)
        self.perform = perform
    }

    func start() {
        OwnThread.start(named: "replica") { self.run() }
    }

    /// What may wait before messages of other nodes are dropped, as they may be lost anyway: nobody who floods a slow
    /// node makes it grow.
    private static let messageBacklog = 8192

    /// Queues an input that came over the mesh, unless too much is waiting.
    func post(message: ReplicaInput) {
        inbox.change { inbox in
            if !inbox.isClosed, inbox.inputs.count < Self.messageBacklog { inbox.inputs.append(message) }
        }
    }

    /// Queues an input. Never blocks; what comes after ``close()`` is dropped.
    func post(_ input: ReplicaInput) {
        inbox.change { inbox in
            if !inbox.isClosed { inbox.inputs.append(input) }
        }
    }

    /// Looks at the replica between two inputs. The body must be short.
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
            let (inputs, isClosed) = inbox.wait { inbox -> Monitor<Inbox>.Next<([ReplicaInput], Bool)> in
                if inbox.inputs.isEmpty, !inbox.isClosed, SystemClock.now() < nextTick {
                    return .wait(until: nextTick)
                }
                defer { inbox.inputs = [] }
                return .done((inbox.inputs, inbox.isClosed))
            }
            var due = inputs
            let now = SystemClock.now()
            if !isClosed, now >= nextTick {
                due.append(.tick)
                // A stall costs ticks instead of a burst of them: time that nobody saw can't time anybody out.
                nextTick = max(nextTick + ReplicaTiming.tickMilliseconds, now)
            }
            handle(due)
            if isClosed { break }
        }
        inbox.change { $0.hasEnded = true }
    }

    /// Whatever came while the last inputs were handled is handled together, so that a busy node groups its writes.
    private func handle(_ inputs: [ReplicaInput]) {
        guard !inputs.isEmpty else { return }
        let effects = replica.withLock { replica in
            replica.step(inputs, now: SystemClock.now(), wall: SystemClock.wallTime())
        }
        if !effects.isEmpty { perform(effects) }
    }
}
