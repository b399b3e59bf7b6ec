import Primitives
import Reconcile

/// Requests for machines that were taken and are not known to be recorded, so that an end of the agent may lose them.
struct UnrecordedRequests: Sendable {
    private struct Request: Sendable {
        /// What is to be answered.
        var waiter: Waiter
        /// The machine.
        var uid: UID
        /// What is answered once the request is recorded; it accepts.
        var verdict: RequestVerdict
        /// When it is answered that it was not recorded.
        var deadline: Instant
    }

    /// What became of the request of a machine.
    enum State {
        /// The machine is not one of this node's any more.
        case gone
        /// It is recorded, or served already.
        case safe
        case unrecorded
    }

    /// In the order in which they were taken; each is answered once and then leaves.
    private var requests: [Request] = []

    var isEmpty: Bool { requests.isEmpty }

    mutating func add(_ verdict: RequestVerdict, of uid: UID, for waiter: Waiter, at now: Instant) {
        requests.append(
            Request(
                waiter: waiter, uid: uid, verdict: verdict, deadline: now + ReplicaTiming.readMilliseconds))
    }

    /// Answers those that are safe, and those for which that took too long.
    mutating func answer(at now: Instant, effects: inout Effects, state: (UID) -> State) {
        var left: [Request] = []
        for request in requests {
            switch state(request.uid) {
            case .gone: effects.append(.requested(request.waiter, nil))
            case .safe: effects.append(.requested(request.waiter, request.verdict))
            case .unrecorded where now >= request.deadline: effects.append(.requested(request.waiter, .notRecorded))
            case .unrecorded: left.append(request)
            }
        }
        requests = left
    }
}
