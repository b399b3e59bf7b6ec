import JSONText
public import Primitives

/// One aspect of an object's state and why it is so.
public struct Condition: Hashable, Sendable {
    public enum Status: String, Hashable, Sendable, CaseIterable {
        case `true` = "True"
        case `false` = "False"
        case unknown = "Unknown"
    }

    /// An adjective or a past participle in PascalCase: `Ready`.
    public var type: String
    public var status: Status
    /// Why, in one CamelCase word.
    public var reason: String
    /// Why, for people.
    public var message: String
    /// The generation of the spec that this was judged by.
    public var observedGeneration: UInt64
    /// When `status` last changed.
    public var lastTransitionTime: WallTime

    public init(
        type: String, status: Status, reason: String, message: String, observedGeneration: UInt64,
        lastTransitionTime: WallTime
    ) {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message
        self.observedGeneration = observedGeneration
        self.lastTransitionTime = lastTransitionTime
    }
}

extension [Condition] {
    /// The condition of a type.
    public subscript(type: String) -> Condition? { first { $0.type == type } }

    /// Puts a condition in the place of the one of its type, or last; the time of the last transition is kept while the
    /// status stays the same.
    public mutating func set(_ condition: Condition) {
        guard let position = firstIndex(where: { $0.type == condition.type }) else {
            append(condition)
            return
        }
        var condition = condition
        if self[position].status == condition.status {
            condition.lastTransitionTime = self[position].lastTransitionTime
        }
        self[position] = condition
    }
}

extension Condition {
    init(_ reader: FieldReader) throws(NotUnderstood) {
        var fields = reader
        self.init(
            type: try fields.require(fields.string("type"), "type"),
            status: try fields.require(fields.choice("status", of: Status.self), "status"),
            reason: try fields.string("reason") ?? "",
            message: try fields.string("message") ?? "",
            observedGeneration: try fields.counter("observedGeneration") ?? 0,
            lastTransitionTime: try fields.require(fields.time("lastTransitionTime"), "lastTransitionTime"))
    }

    var json: JSON {
        [
            "type": .string(type), "status": .string(status.rawValue), "reason": .string(reason),
            "message": .string(message), "observedGeneration": .counter(observedGeneration),
            "lastTransitionTime": .string(lastTransitionTime.rfc3339),
        ]
    }
}

extension FieldReader {
    mutating func conditions() throws(NotUnderstood) -> [Condition] {
        var conditions: [Condition] = []
        for element in try elements("conditions", atMost: Self.mostConditions) {
            conditions.append(try Condition(element))
        }
        return conditions
    }
}
