public import Manifest
public import Primitives

/// One line of a plan for the whole cluster.
public struct PlannedAction: Equatable, Sendable {
    public var key: ObjectKey
    public var node: String?
    public var action: String
    public var reason: String
    /// Age of the observation that the action follows from; nil if it follows from desired state alone.
    public var observedAgeMilliseconds: Int64?
    /// Whether the loops do something, as opposed to waiting for a change or for a person.
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
