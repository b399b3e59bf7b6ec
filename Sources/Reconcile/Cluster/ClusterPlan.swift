public import Fleet
public import Manifest

/// What a change of desired state would do, or, without a change, what is left to do.
public struct ClusterPlan: Equatable, Sendable {
    /// The fleet's revision before the change.
    public var revision: UInt64
    /// One for each mutation, in their order, then what is pruned and what is released; of a change that would be
    /// refused, one for each reason.
    public var changes: [ObjectChange]
    /// In the order in which the loops take them for each object.
    public var actions: [PlannedAction]
    /// The set that would be applied, as it would be then; nil if none would.
    public var set: SetOutcome?
    /// What the change was planned against; nil without a change, and for one that would be refused.
    public var expectation: WriteExpectation?

    public init(
        revision: UInt64, changes: [ObjectChange], actions: [PlannedAction], set: SetOutcome? = nil,
        expectation: WriteExpectation? = nil
    ) {
        self.revision = revision
        self.changes = changes
        self.actions = actions
        self.set = set
        self.expectation = expectation
    }
}

/// What a write would do to one object.
public struct ObjectChange: Equatable, Sendable {
    public enum Outcome: Equatable, Sendable {
        case done(MutationResult.Operation)
        /// It is deleted because its set no longer names it.
        case pruned
        /// It stays, as a member of no set.
        case released
        /// Nothing of the write would be recorded, for this reason among others.
        case refused(String)
    }

    public var key: ObjectKey
    public var outcome: Outcome
    /// The fields that would have another value.
    public var fields: [FieldChange]
    /// Whether it is a member of the set that is applied, and is not as the set's newest revision says.
    public var isDrifted: Bool

    public init(key: ObjectKey, outcome: Outcome, fields: [FieldChange], isDrifted: Bool = false) {
        self.isDrifted = isDrifted
        self.key = key
        self.outcome = outcome
        self.fields = fields
    }
}
