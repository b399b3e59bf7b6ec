public import Fleet
public import Manifest

/// What a change of desired state would do, or, without a change, what is left to do.
public struct ClusterPlan: Equatable, Sendable {
    /// The fleet's revision before the change.
    public var revision: UInt64
    /// One for each mutation, in their order; of a change that would be refused, one for each reason.
    public var changes: [ObjectChange]
    /// In the order in which the loops take them for each object.
    public var actions: [PlannedAction]

    public init(revision: UInt64, changes: [ObjectChange], actions: [PlannedAction]) {
        self.revision = revision
        self.changes = changes
        self.actions = actions
    }
}

/// What a write would do to one object.
public struct ObjectChange: Equatable, Sendable {
    public enum Outcome: Equatable, Sendable {
        case done(MutationResult.Operation)
        /// Nothing of the write would be recorded, for this reason among others.
        case refused(String)
    }

    public var key: ObjectKey
    public var outcome: Outcome
    /// The fields that would have another value.
    public var fields: [FieldChange]

    public init(key: ObjectKey, outcome: Outcome, fields: [FieldChange]) {
        self.key = key
        self.outcome = outcome
        self.fields = fields
    }
}
