import JSONText
import Manifest

extension PlanAnswer {
    var json: JSON {
        [
            "revision": .string(String(revision)),
            "objects": .array(objects.map(\.json)),
            "actions": .array(actions.map(\.json)),
            "unknown": .array(unknown.map { ["node": .string($0.node), "reason": .string($0.reason)] }),
        ]
    }
}

extension PlannedObject {
    fileprivate var json: JSON {
        var json: JSON = [
            "kind": .string(key.kind), "namespace": .string(key.namespace), "name": .string(key.name),
            "operation": .string(operation),
        ]
        json["message"] = message.map { .string($0) }
        json["fields"] = .array(
            fields.map { field in
                [
                    "path": .string(field.path.description), "old": field.old ?? .null, "new": field.new ?? .null,
                    "update": .string(field.update.rawValue),
                ]
            })
        return json
    }
}

extension PlannedStep {
    fileprivate var json: JSON {
        [
            "kind": .string(key.kind), "namespace": .string(key.namespace), "name": .string(key.name),
            "node": node.map { .string($0) } ?? .null, "action": .string(action), "reason": .string(reason),
            "observedAgeSeconds": observedAgeMilliseconds.map { .integer($0 / 1000) } ?? .null,
            "changesSomething": .bool(changesSomething),
        ]
    }
}
