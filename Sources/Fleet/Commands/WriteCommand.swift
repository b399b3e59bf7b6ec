/// A write of desired state: any number of objects, committed as one.
public struct WriteCommand: Equatable, Sendable {
    /// Drawn at random by the client before its first try, and the same in every retry.
    public var request: RequestID
    /// The revision that the client saw before its first try. It proves that a request whose id is no longer kept
    /// was not applied long ago.
    public var baseRevision: UInt64
    /// At most one for each key.
    public var mutations: [Mutation]

    public init(request: RequestID, baseRevision: UInt64, mutations: [Mutation]) {
        self.request = request
        self.baseRevision = baseRevision
        self.mutations = mutations
    }
}
