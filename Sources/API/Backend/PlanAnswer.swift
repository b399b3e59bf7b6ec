public import Manifest

/// What an apply would change, and what the loops would do then; or, without an apply, what they would do now.
public struct PlanAnswer: Equatable, Sendable {
    /// The fleet's revision that the plan was made from.
    public var revision: UInt64
    /// One for each mutation, in their order; empty without mutations.
    public var objects: [PlannedObject]
    /// In the order in which the loops would take them for each object.
    public var actions: [PlannedStep]
    /// Nodes whose observations could not be had.
    public var unknown: [UnobservedNode]

    public init(
        revision: UInt64, objects: [PlannedObject], actions: [PlannedStep], unknown: [UnobservedNode]
    ) {
        self.revision = revision
        self.objects = objects
        self.actions = actions
        self.unknown = unknown
    }
}

/// What would become of one object of an apply.
public struct PlannedObject: Equatable, Sendable {
    public var key: ObjectKey
    /// `created`, `configured`, `unchanged` or `refused`.
    public var operation: String
    /// Why it is refused.
    public var message: String?
    public var fields: [FieldChange]

    public init(key: ObjectKey, operation: String, message: String?, fields: [FieldChange]) {
        self.key = key
        self.operation = operation
        self.message = message
        self.fields = fields
    }
}

/// One step that a loop would take.
public struct PlannedStep: Equatable, Sendable {
    public var key: ObjectKey
    /// Where; nil when that is not decided.
    public var node: String?
    /// `start`, `place`, ...
    public var action: String
    public var reason: String
    /// How old the observation is that the step follows from; nil for steps that follow from desired state alone.
    public var observedAgeMilliseconds: Int64?
    /// Whether the loop does something, as opposed to waiting, or leaving the object to a person.
    public var changesSomething: Bool

    public init(
        key: ObjectKey, node: String?, action: String, reason: String, observedAgeMilliseconds: Int64?,
        changesSomething: Bool
    ) {
        self.key = key
        self.node = node
        self.action = action
        self.reason = reason
        self.observedAgeMilliseconds = observedAgeMilliseconds
        self.changesSomething = changesSomething
    }
}

/// A node that could not be asked for its observations.
public struct UnobservedNode: Equatable, Sendable {
    public var node: String
    public var reason: String

    public init(node: String, reason: String) {
        self.node = node
        self.reason = reason
    }
}
