/// A write of desired state: any number of objects, committed as one.
public struct WriteCommand: Equatable, Sendable {
    /// Drawn at random by the client before its first try, and the same in every retry.
    public var request: RequestID
    /// The revision that the client saw before its first try. It proves that a request whose id is no longer kept
    /// was not applied long ago.
    public var baseRevision: UInt64
    /// What shall change.
    public var change: DesiredChange

    public init(request: RequestID, baseRevision: UInt64, change: DesiredChange) {
        self.request = request
        self.baseRevision = baseRevision
        self.change = change
    }

    public init(request: RequestID, baseRevision: UInt64, mutations: [Mutation]) {
        self.init(request: request, baseRevision: baseRevision, change: DesiredChange(mutations))
    }

    /// At most one for each key.
    public var mutations: [Mutation] {
        get { change.mutations }
        set { change.mutations = newValue }
    }
}

/// What a write does to desired state, without what tells the write from others.
public struct DesiredChange: Equatable, Sendable {
    /// At most one for each key.
    public var mutations: [Mutation]
    /// The set that the change applies; nil if it is of no set, and then it prunes nothing.
    public var set: SetApplication?
    /// What a plan saw; nil if the change was not planned.
    public var expectation: WriteExpectation?

    public init(_ mutations: [Mutation], set: SetApplication? = nil, expectation: WriteExpectation? = nil) {
        self.mutations = mutations
        self.set = set
        self.expectation = expectation
    }
}
