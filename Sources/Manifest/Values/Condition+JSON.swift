import JSONText
import Primitives

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
