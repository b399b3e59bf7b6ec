public import JSONText
public import Reconcile

/// The answer to `POST /blixard/v1/plan`: what an apply would change, and what the loops would do then; or, without an
/// apply, what they would do now.
public struct PlanAnswer: AnswerBody {
    public static let title = "the answer to a plan"

    /// The fleet's revision that the plan was made from.
    public var revision: UInt64
    /// One for each mutation, in their order; empty without mutations.
    public var objects: [PlannedObject]
    /// In the order in which the loops would take them for each object. Ages travel in whole seconds.
    public var actions: [PlannedAction]
    /// Nodes whose observations could not be had.
    public var unknown: [UnobservedNode]

    public init(
        revision: UInt64, objects: [PlannedObject], actions: [PlannedAction], unknown: [UnobservedNode]
    ) {
        self.revision = revision
        self.objects = objects
        self.actions = actions
        self.unknown = unknown
    }

    public init(_ reader: AnswerReader) throws(AnswerMismatch) {
        revision = try reader.revision("revision")
        objects = try reader.elements("objects", PlannedObject.init(reader:))
        actions = try reader.elements("actions", PlannedAction.init(reader:))
        unknown = try reader.elements("unknown") { (node) throws(AnswerMismatch) in
            UnobservedNode(node: try node.text("node"), reason: try node.text("reason"))
        }
    }

    public var json: JSON {
        [
            "revision": .string(String(revision)),
            "objects": .array(objects.map(\.json)),
            "actions": .array(actions.map(\.json)),
            "unknown": .array(unknown.map { ["node": .string($0.node), "reason": .string($0.reason)] }),
        ]
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
