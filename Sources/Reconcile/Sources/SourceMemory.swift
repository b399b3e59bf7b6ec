public import Fleet
public import Manifest
public import Primitives

/// What a leader knows of one Git repository beside its object. It begins with nothing in each term, so that a new
/// leader fetches at once.
public struct SourceMemory: Equatable, Sendable {
    /// A fetch that is under way.
    public struct Flight: Equatable, Sendable {
        public var order: SourceOrder
        public var deadline: Instant
        /// The newest request that came before it began.
        public var serves: RequestID?
    }

    public let key: ObjectKey
    public let uid: UID
    /// Of the spec that is followed.
    public private(set) var generation: UInt64
    /// Nil where the stored spec is one that this program does not understand.
    public private(set) var spec: GitRepositorySpec?
    /// When the next fetch begins, if none is under way.
    public private(set) var dueAt: Instant
    /// At most one at a time.
    public private(set) var flight: Flight?
    /// Fetches that failed one after the other.
    public private(set) var failures = 0
    /// What was read last of the repository as the spec says; nil before the first time, and after a bad commit.
    public private(set) var content: SourceContent?
    /// Whether the content is to be held against the fleet.
    public private(set) var isToBeJudged = false
    /// What is to be told; nil if all is told.
    public private(set) var finding: SourceFinding?
    /// The newest request for which no fetch has begun.
    public private(set) var wanted: RequestID?
    /// The newest request whose fetch has ended.
    private var served: RequestID?

    public init(of object: FleetObject, at now: Instant) {
        key = object.key
        uid = object.uid
        generation = object.generation
        spec = try? GitRepositorySpec(canonical: object.spec)
        dueAt = now
    }

    /// Nothing is fetched or applied while it is suspended or not understood.
    public var isFollowed: Bool { spec.map { !$0.isSuspended } ?? false }

    /// The object may have changed; another spec is fetched at once.
    public mutating func follow(_ object: FleetObject, at now: Instant) {
        precondition(object.uid == uid, "\(object.key) is another object")
        guard object.generation != generation else { return }
        let before = spec.map(SourceLocation.init)
        generation = object.generation
        // What can't be read is for a newer program, which will lead some day.
        spec = try? GitRepositorySpec(canonical: object.spec)
        if spec.map(SourceLocation.init) != before { content = nil }
        isToBeJudged = false
        failures = 0
        dueAt = now
    }

    /// Another key seals Secrets: those among the documents were sealed by the one before, and are read again.
    public mutating func forgetContent() {
        content = nil
        isToBeJudged = false
    }

    /// A user wants a fetch that begins now or later.
    ///
    /// - Returns: The request under which it is recorded: an earlier one, if no fetch has begun since it came.
    public mutating func want(_ request: RequestID, at now: Instant) -> RequestID {
        if let wanted { return wanted }
        wanted = request
        dueAt = now
        return request
    }

    /// A fetch begins.
    ///
    /// - Parameter number: Another one for each order.
    public mutating func begin(_ location: SourceLocation, number: UInt64, at now: Instant) -> SourceOrder {
        let order = SourceOrder(
            key: key, uid: uid, generation: generation, location: location, knownCommit: content?.commit,
            number: number)
        flight = Flight(order: order, deadline: now + SourceTiming.fetchMilliseconds, serves: wanted)
        wanted = nil
        return order
    }

    /// A fetch has ended. An answer to another order than the one under way is passed over, and so is one to an older
    /// spec, which is fetched again at once.
    public mutating func answered(
        _ order: SourceOrder, _ answer: SourceAnswer, at now: Instant, generator: inout SeededGenerator
    ) {
        guard let flight, flight.order == order else { return }
        self.flight = nil
        guard order.generation == generation, let spec else {
            wanted = wanted ?? flight.serves
            dueAt = now
            return
        }
        served = flight.serves ?? served
        let interval = Int64(spec.intervalSeconds).multipliedClamped(by: 1000)
        switch answer {
        case .same where content != nil: isToBeJudged = true
        case .content(let new):
            content = new
            isToBeJudged = true
        case .same:
            failed(
                SourceFailure(
                    reason: .fetchFailed, commit: nil, message: "the node that fetched gave no manifests: try again"))
        case .failed(let failure): failed(failure)
        }
        if case .failed(let failure) = answer, failure.reason == .fetchFailed {
            failures = failures.addingClamped(1)
            dueAt = now + pause(interval, &generator)
        } else {
            failures = 0
            dueAt = now + interval
        }
        if wanted != nil { dueAt = now }
    }

    /// The fetch under way was not answered in time.
    public mutating func late(at now: Instant, generator: inout SeededGenerator) {
        guard let flight, flight.deadline <= now else { return }
        let failure = SourceFailure(
            reason: .fetchFailed, commit: nil,
            message: "the fetch has not ended within \(SourceTiming.fetchMilliseconds / 1000) s")
        answered(flight.order, .failed(failure), at: now, generator: &generator)
    }

    private mutating func failed(_ failure: SourceFailure) {
        // The commit that was good is asked for whole once more, should it come back.
        if failure.reason == .badCommit { content = nil }
        isToBeJudged = false
        found(.failed(failure), commit: failure.commit, set: setName(of: nil))
    }

    /// Doubles with each failure, from the interval on.
    private func pause(_ interval: Int64, _ generator: inout SeededGenerator) -> Int64 {
        let cap = max(interval, SourceTiming.longestPauseMilliseconds)
        let full = Backoff(baseMilliseconds: interval, capMilliseconds: cap).delay(afterFailures: failures)
        return full - Int64.random(in: 0...full / 2, using: &generator)
    }

    /// The content was held against the fleet, or an entry has decided about it.
    public mutating func judged(_ result: SourceFinding.Result, at now: Instant) {
        isToBeJudged = false
        if case .waits = result, dueAt > now + SourceTiming.deletionMilliseconds {
            dueAt = now + SourceTiming.deletionMilliseconds
        }
        found(result, commit: content?.commit, set: setName(of: content))
    }

    private mutating func found(_ result: SourceFinding.Result, commit: String?, set: String) {
        finding = SourceFinding(generation: generation, commit: commit, set: set, result: result, request: served)
        if let content, content.commit == commit { finding?.objects = content.mutations.count }
    }

    /// The content is to be held against the fleet once more, which has changed meanwhile.
    public mutating func judgeAgain() { isToBeJudged = content != nil }

    /// What was found is recorded, or was known already.
    public mutating func told(_ finding: SourceFinding) {
        if self.finding == finding { self.finding = nil }
    }

    /// What the spec says, else the ManifestSet among the manifests, else the object's own name.
    public func setName(of content: SourceContent?) -> String {
        spec?.set ?? content?.mutations.first { $0.key.kind == KindInfo.manifestSet.kind }?.key.name ?? key.name
    }
}

extension SourceLocation {
    /// Where a spec says that the manifests are.
    public init(_ spec: GitRepositorySpec) {
        let reference: SourceReference =
            switch spec.reference {
            case nil: .head
            case .branch(let name): .branch(name)
            case .tag(let name): .tag(name)
            case .commit(let name): .commit(name)
            }
        self.init(
            url: spec.url, reference: reference, path: spec.path, verifyKeys: spec.verifyKeys,
            auth: spec.auth.map(SourceAuth.init))
    }
}
