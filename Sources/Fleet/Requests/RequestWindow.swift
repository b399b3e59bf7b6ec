import Primitives

/// The first answers to the last writes.
///
/// A request is in the window, or newer than everything that has left it, or undecidable: then it isn't known whether
/// it was applied before it left.
struct RequestWindow: Equatable, Sendable {
    private var answers = ShardedTable<RequestID, KeptAnswer>()
    /// Oldest first.
    private var order = Queue<RequestID>()
    private var bytes = 0
    private let capacity: Int
    private let capacityBytes: Int
    /// The sum of all answers' digests; their order is in their indexes.
    private(set) var digest: UInt64 = 0
    /// A request that was based on this revision, or an older one, may have left; nil while none has.
    private(set) var floor: UInt64?

    init(floor: UInt64?, bounds: FleetBounds) {
        precondition(bounds.requests > 0 && bounds.answerBytes > 0, "a window of \(bounds)")
        self.floor = floor
        capacity = bounds.requests
        capacityBytes = bounds.answerBytes
    }

    subscript(request: RequestID) -> KeptAnswer? { answers[request] }

    /// Oldest first.
    var entries: [(request: RequestID, answer: KeptAnswer)] {
        order.elements.compactMap { request in answers[request].map { (request, $0) } }
    }

    /// Whether a request that is not in the window may have been in it.
    func isUndecidable(base: UInt64) -> Bool {
        floor.map { base <= $0 } ?? false
    }

    /// - Precondition: The request is not in the window.
    mutating func keep(_ answer: KeptAnswer, for request: RequestID) {
        let old = answers.updateValue(answer, forKey: request)
        precondition(old == nil, "request \(request) was answered before")
        order.append(request)
        bytes += answer.bytes
        digest &+= answer.digest(of: request)
        while order.count > capacity || (bytes > capacityBytes && order.count > 1) { dropOldest() }
    }

    private mutating func dropOldest() {
        guard let request = order.popFirst(), let answer = answers.removeValue(forKey: request) else { return }
        bytes -= answer.bytes
        digest &-= answer.digest(of: request)
        floor = max(floor ?? 0, answer.revisionBefore)
    }
}
