import Host
import Primitives
import Replica
import Synchronization

/// Runs a replica: takes inputs in their order, and has the effects performed in theirs.
///
/// The thread that posts to an idle replica handles the input at once, because waking another thread takes longer than
/// most inputs do. What is large, or may cause much to be applied or encoded, is left to the replica's own thread, and
/// so is what comes while a thread handles inputs: that is handled as one batch. One thread at a time handles inputs
/// and performs their effects.
///
/// Writes wait while the journal is at work, and are handled together when it is done: it would not begin with them
/// earlier, and a busy node shares one append and one message to each follower among all that came meanwhile.
///
/// The replica lives behind a lock, so that readers can look at it between two batches.
///
/// What performs the effects needs most of the node, and that needs the host to hand its inputs to. So the host is
/// there first and keeps inputs, and what performs the effects is given to it when it starts.
final class ReplicaHost: Sendable {
    /// Called on the thread that handles the inputs, and must not block.
    typealias Perform = @Sendable ([ReplicaEffect]) -> Void

    private struct State {
        var replica: Replica
        /// Nil until the start, before which nothing is handled.
        var perform: Perform?
    }

    private let inbox: Monitor<ReplicaInbox>
    private let limits: ReplicaInbox.Limits
    private let state: Mutex<State>

    init(_ replica: sending Replica, limits: ReplicaInbox.Limits) {
        inbox = Monitor(ReplicaInbox(limits: limits))
        self.limits = limits
        state = Mutex(State(replica: replica))
    }

    /// Begins to handle inputs, also those that wait. Called once.
    func start(performing perform: @escaping Perform) {
        state.withLock { state in
            precondition(state.perform == nil, "the replica was started before")
            state.perform = perform
        }
        inbox.change { $0.start() }
        OwnThread.start(named: "replica") { self.run(perform) }
    }

    // MARK: Inputs

    /// Hands over an input that came over the mesh, unless too much is waiting.
    ///
    /// - Parameter bytes: As many as came.
    func post(message: ReplicaInput, bytes: Int) {
        follow(inbox.withLock { $0.post(message: message, bytes: bytes) })
    }

    /// Hands over an input. What comes after ``close()`` is dropped.
    func post(_ input: ReplicaInput) {
        follow(inbox.withLock { $0.post(input) })
    }

    /// Lays an input ready that is handled together with the next one, which the caller posts at once.
    func queue(_ input: ReplicaInput) {
        inbox.withLock { $0.queue(input) }
    }

    /// The journal is about to be given work; a ``ReplicaInput/appended(_:)`` will follow.
    func appendBegins() {
        inbox.withLock { $0.appendBegins() }
    }

    /// Messages of other nodes that were dropped because too much was waiting.
    var droppedMessages: UInt64 { inbox.withLock { $0.dropped } }

    /// Looks at the replica between two batches. The body must be short.
    func look<Result: Sendable>(_ body: (borrowing Replica) -> Result) -> Result {
        state.withLock { body($0.replica) }
    }

    // MARK: The end

    /// Ends the thread after the inputs that are queued, and returns when it has ended.
    func close() {
        inbox.change { $0.close() }
        inbox.wait { $0.hasEnded ? .done(()) : .wait(until: nil) }
    }

    /// Handles nothing any more, from now on; returns at once.
    func halt() {
        inbox.change { $0.halt() }
    }

    // MARK: Turns

    private func follow(_ turn: ReplicaInbox.Turn) {
        switch turn {
        case .nothing: break
        case .wake: wake()
        case .handle(let inputs):
            let (effects, openLogBytes, perform) = step(inputs)
            guard let perform else { preconditionFailure("the replica handles inputs before its start") }
            let isLeft = effects.encodedBytes > limits.inlineBytes
            if !isLeft, !effects.isEmpty { perform(effects) }
            let isMoreDue = inbox.withLock { $0.finished(openLogBytes: openLogBytes, leaving: isLeft ? effects : []) }
            if isMoreDue { wake() }
        }
    }

    private func wake() {
        inbox.change { _ in }
    }

    private func run(_ perform: Perform) {
        var ticks = TickSchedule(start: SystemClock.now(), periodMilliseconds: ReplicaTiming.tickMilliseconds)
        while true {
            var work = inbox.wait { inbox -> Monitor<ReplicaInbox>.Next<ReplicaInbox.Work> in
                if let work = inbox.next(isTickDue: ticks.isDue(SystemClock.now())) { return .done(work) }
                return .wait(until: inbox.wakesThread ? nil : ticks.next)
            }
            if !work.effects.isEmpty { perform(work.effects) }
            if !work.isLast, ticks.take(SystemClock.now()) { work.inputs.append(.tick) }
            let (effects, openLogBytes, _) = step(work.inputs)
            if !effects.isEmpty { perform(effects) }
            if work.isLast { break }
            _ = inbox.withLock { $0.finished(openLogBytes: openLogBytes, leaving: []) }
        }
        inbox.change { $0.end() }
    }

    private func step(_ inputs: [ReplicaInput]) -> (effects: [ReplicaEffect], openLogBytes: Int, perform: Perform?) {
        state.withLock { state in
            let effects =
                inputs.isEmpty
                ? [] : state.replica.step(inputs, now: SystemClock.now(), wall: SystemClock.wallTime())
            return (effects, state.replica.openLogBytes, state.perform)
        }
    }
}
