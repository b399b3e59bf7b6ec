public import Fleet
public import JSONText
import Manifest
import Primitives
public import Reconcile

/// The answer to `POST /blixard/v1/plan`: what an apply would change, and what the loops would do then; or, without an
/// apply, what they would do now.
public struct PlanAnswer: AnswerBody {
    public static let title = "the answer to a plan"

    /// The fleet's revision that the plan was made from.
    public var revision: UInt64
    /// One for each document, in their order, then what is pruned and what is released; empty without documents.
    public var objects: [PlannedObject]
    /// In the order in which the loops would take them for each object. Ages travel in whole seconds.
    public var actions: [PlannedAction]
    /// Nodes whose observations could not be had.
    public var unknown: [UnobservedNode]
    /// The set that would be applied, as it would be then; nil if none would.
    public var set: SetOutcome?
    /// The cluster that the plan is for.
    public var cluster: String
    /// What an apply of just this plan must find; nil without documents, and if the apply would be refused.
    public var expectation: WriteExpectation?
    /// The Secrets of the apply as they would be recorded: with sealed values.
    public var secrets: [JSON]

    public init(
        revision: UInt64, objects: [PlannedObject], actions: [PlannedAction], unknown: [UnobservedNode],
        cluster: String = "", set: SetOutcome? = nil, expectation: WriteExpectation? = nil,
        secrets: [JSON] = []
    ) {
        self.secrets = secrets
        self.revision = revision
        self.objects = objects
        self.actions = actions
        self.unknown = unknown
        self.cluster = cluster
        self.set = set
        self.expectation = expectation
    }

    public init(_ reader: AnswerReader) throws(AnswerMismatch) {
        revision = try reader.revision("revision")
        objects = try reader.elements("objects", PlannedObject.init(reader:))
        actions = try reader.elements("actions", PlannedAction.init(reader:))
        unknown = try reader.elements("unknown") { (node) throws(AnswerMismatch) in
            UnobservedNode(node: try node.text("node"), reason: try node.text("reason"))
        }
        cluster = try reader.text("cluster")
        set = try reader.optional("set", SetOutcome.init(reader:))
        expectation = try reader.optional("expected", WriteExpectation.init(reader:))
        secrets = reader.value("secrets")?.array ?? []
    }

    public var json: JSON {
        var json: JSON = [
            "revision": .string(String(revision)),
            "objects": .array(objects.map(\.json)),
            "actions": .array(actions.map(\.json)),
            "unknown": .array(unknown.map { ["node": .string($0.node), "reason": .string($0.reason)] }),
            "cluster": .string(cluster),
            "set": set?.json ?? .null,
            "expected": expectation?.json ?? .null,
        ]
        if !secrets.isEmpty { json["secrets"] = .array(secrets) }
        return json
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

extension PlannedAction {
    init(reader: AnswerReader) throws(AnswerMismatch) {
        let seconds = try reader.optionalNumber("observedAgeSeconds", in: 0...Int64.max)
        self.init(
            key: try reader.objectKey(), node: try reader.optionalText("node"), action: try reader.text("action"),
            reason: try reader.text("reason"), observedAgeMilliseconds: seconds?.multipliedClamped(by: 1000),
            changesSomething: try reader.flag("changesSomething"))
    }

    var json: JSON {
        var json = key.members
        json["node"] = node.map { .string($0) } ?? .null
        json["action"] = .string(action)
        json["reason"] = .string(reason)
        json["observedAgeSeconds"] = observedAgeMilliseconds.map { .integer($0 / 1000) } ?? .null
        json["changesSomething"] = .bool(changesSomething)
        return json
    }
}
