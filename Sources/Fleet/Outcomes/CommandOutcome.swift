public import Manifest

/// What became of a command; the same on every replica.
public enum CommandOutcome: Equatable, Sendable {
    /// A write was applied, now or when its request first came.
    case written(WriteAnswer)
    /// Nothing was changed, for these reasons.
    case refused([Refusal])
    /// A newcomer is a member; for a repeated join, the member as it was admitted first.
    case joined(Member)
    /// A batch of placements or reports was applied, without the parts that no longer fitted.
    case batch(BatchAnswer)
    /// Any other command was applied; the change counter after it.
    case done(revision: UInt64)
}

/// What a write did.
public struct WriteAnswer: Equatable, Sendable {
    /// One for each mutation, in their order.
    public var results: [MutationResult]
    /// The change counter after the last object.
    public var revision: UInt64
    /// Members that were deleted because their set no longer names them, or is deleted; ascending by key.
    public var pruned: [MutationResult]
    /// Objects that stay as members of no set, because their set no longer names them; ascending.
    public var released: [ObjectKey]
    /// What became of the set that the write applied; nil if it applied none.
    public var set: SetOutcome?

    public init(
        results: [MutationResult], revision: UInt64, pruned: [MutationResult] = [], released: [ObjectKey] = [],
        set: SetOutcome? = nil
    ) {
        self.results = results
        self.revision = revision
        self.pruned = pruned
        self.released = released
        self.set = set
    }
}

/// The set of a write, after it.
public struct SetOutcome: Equatable, Sendable {
    public var name: String
    /// The number of its newest revision.
    public var revision: UInt64
    /// Whether the write made that revision; else nothing in the set was new.
    public var isNew: Bool

    public init(name: String, revision: UInt64, isNew: Bool) {
        self.name = name
        self.revision = revision
        self.isNew = isNew
    }
}

/// What a batch of independent parts did.
public struct BatchAnswer: Equatable, Sendable {
    /// Parts that were applied, with or without a change.
    public var accepted: Int
    /// Parts that no longer fitted: another uid, another node, an older epoch, a changed counter.
    public var ignored: Int
    /// The change counter after the batch.
    public var revision: UInt64

    public init(accepted: Int, ignored: Int, revision: UInt64) {
        self.accepted = accepted
        self.ignored = ignored
        self.revision = revision
    }
}

extension CommandOutcome {
    /// Whether it was decided on a state that has moved on, so that nothing is decided.
    public var isStale: Bool {
        if case .refused(let refusals) = self { refusals.contains { $0.reason == .stale } } else { false }
    }
}
