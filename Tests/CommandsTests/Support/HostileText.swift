import Commands
import JSONText
import Manifest
import Primitives

/// Text that would move the cursor, colour the screen, turn the order of signs around and look like a line of its own.
enum HostileText {
    static let forged = "FORGED: all is well"
    static let text =
        "\u{1b}[31m\u{9b}2J\u{7}\u{0}\n\(forged)\r\n\(forged)\r\u{202e}\u{2066}\u{200f}\u{200b}\u{2028}\(forged)"
        + "\u{85}\u{feff}\u{7f}\t\u{e000}\u{e0041}"

    /// What of a text must not reach people; empty for harmless text.
    static func faults(in text: String) -> [String] {
        let scalars = text.unicodeScalars.filter { !$0.isHarmless && $0 != "\n" }
        let lines = text.split(separator: "\n").filter { $0.hasPrefix(forged) }
        return scalars.map { "U+" + String($0.value, radix: 16) } + lines.map(String.init)
    }

    /// The value with this text in every string and every key that others choose. What a command needs to find its way
    /// stays.
    static func poison(_ value: JSON, key: String = "") -> JSON {
        let structure: Set<String> = [
            "kind", "apiVersion", "resourceVersion", "revision", "uid", "creationTimestamp", "requiredName",
        ]
        switch value {
        case .string(let string): return structure.contains(key) ? value : .string(string + text)
        case .array(let elements): return .array(elements.map { poison($0, key: key) })
        case .object(let object):
            let isMap = ["labels", "annotations"].contains(key)
            return .object(
                JSONObject(
                    uniqueMembers: object.members.map {
                        .init(key: $0.key + (isMap ? text : ""), value: poison($0.value, key: $0.key))
                    }))
        default: return value
        }
    }

    /// Answers as a server gives them that means harm, or has stored what others wrote.
    static func answer(_ call: FakeConnection.Call) -> JSON {
        if call.wantsTable { return poison(Samples.table([("web", "Running")])) }
        switch call.path.split(separator: "/").last ?? "" {
        case "version": return ["gitVersion": .string(text)]
        case "cluster": return poison(Samples.cluster)
        case "grants": return ["grants": [["key": .string(text), "name": .string(text), "role": .string(text)]]]
        case "tickets": return ["ticket": .string("blx1" + text), "expiresAt": .string(text)]
        case "remove": return ["machines": [.string(text)]]
        case "plan": return plan
        case "apply", "delete": return poison(Samples.applied("web"))
        case "events": return Samples.list([event], kind: "EventList")
        case "virtualmachines", "nodes", "images":
            return call.method == "GET" ? Samples.list([object]) : object
        default: return object
        }
    }

    static let object: JSON = {
        var object = Samples.machine("web", phase: "Pending", ready: "False")
        object["metadata"]?["labels"] = ["a": "b"]
        object["metadata"]?["annotations"] = ["note": "c"]
        object["status"]?["message"] = "m"
        object["status"]?["addresses"] = ["10.0.0.1"]
        return poison(object)
    }()

    static let event: JSON = [
        "metadata": ["name": .string(text), "namespace": .string(text)], "type": .string(text),
        "reason": .string(text), "message": .string(text), "firstSeen": .string(text), "lastSeen": .string(text),
        "count": 2, "source": .string(text),
        "regarding": ["kind": "VirtualMachine", "name": .string("web" + text), "namespace": .string(text)],
    ]

    static let plan: JSON = [
        "revision": "1",
        "objects": [
            poison([
                "kind": "VirtualMachine", "namespace": "n", "name": "web", "operation": "configured", "message": "m",
                "fields": [["path": "spec.x", "old": "a", "new": "b", "update": "live"]],
            ]),
            ["kind": "VirtualMachine", "name": .string(text), "operation": "refused", "message": .string(text)],
        ],
        "actions": [
            poison(["kind": "VirtualMachine", "name": "web", "node": "n", "action": "start", "reason": "r"])
        ],
        "unknown": [["node": .string(text), "reason": .string(text)]],
    ]

    /// Those that some commands add words of their own to.
    static let failuresThatCommandsExplain: [ConnectionFailure] = [
        failures[0], .refusal("Conflict", text, code: 409), .refusal("Timeout", text, code: 504), .lostAnswer(text),
    ]

    /// Every way in which there is no good answer.
    static let failures: [ConnectionFailure] = [
        .refusal(
            text, text, code: 422,
            details: [
                "kind": .string(text), "name": .string(text),
                "causes": [["field": .string(text), "message": .string(text)], ["message": .string(text)]],
            ]),
        .refusal(
            "Invalid", text, code: 422,
            details: [
                "kind": .string(text), "name": .string(text),
                "causes": [["field": .string(text), "message": .string(text)]],
            ]),
        .refusal("NotFound", text, code: 404), .refusal("Conflict", text, code: 409),
        .refusal("Unauthorized", text, code: 401), .refusal("ServiceUnavailable", text, code: 503),
        .refusal("Timeout", text, code: 504), .unreachable([.init(endpoint: text, reason: text)]),
        .protocolViolation(text), .lostAnswer(text), .untrustedKey(address: text, seen: FakeAccess.key),
        .unusable(text),
    ]
}
