import Commands
import Contract
import Fleet
import JSONText
import Manifest
import Primitives
import Reconcile

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
            "kind", "apiVersion", "resourceVersion", "revision", "uid", "creationTimestamp", "requiredName", "key",
            "consistency", "operation", "request",
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
        case "whoami": return WhoAmI(key: grant.key, name: text, role: text, rights: [text]).json
        case "grants": return call.method == "GET" ? GrantList(grants: [grant], revision: 1).json : granted
        case let word where word == grant.key.description: return RevocationAnswer(key: grant.key, revision: 1).json
        case "tickets": return Samples.ticket("blx1" + text)
        case "remove": return Samples.removed(text, id: 3, machines: [text])
        case "rotate": return SecretsKeyRotation(version: 2, members: [text]).json
        case "reveal": return RevealedSecret(values: [text: Array(text.utf8)]).json
        case "reconcile": return ReconcileAnswer(request: RequestID(high: 1, low: 2), waits: false).json
        case "start", "restart": return MachineVerbAnswer(outcome: .starting).json
        case "plan": return plan.json
        case "revisions": return history.json
        case "1", "2": return SetRevisionAnswer(name: text, summary: revision(2), documents: [object]).json
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

    private static let grant = Grant(key: FakeNodes.key(10), name: text, role: .viewer)
    private static let granted = GrantAnswer(grant: grant, revision: 1).json

    private static func revision(_ number: UInt64) -> SetRevisionSummary {
        var summary = Samples.revision(number)
        summary.authorName = text
        summary.message = text
        summary.commit = text
        return summary
    }

    private static let history = SetHistory(
        name: text, revision: 2, members: 1, revisions: [revision(1), revision(2)], forgotten: text)

    static let plan: PlanAnswer = {
        let key = ObjectKey(kind: "VirtualMachine", namespace: "n" + text, name: "web" + text)
        return PlanAnswer(
            revision: 1,
            objects: [
                PlannedObject(
                    key: key, operation: "configured" + text, message: text,
                    fields: [
                        PlannedField(
                            path: "spec.x" + text, old: .string(text), new: .string(text), update: "live" + text)
                    ]),
                PlannedObject(key: key, operation: PlannedObject.refused, message: text, fields: []),
            ],
            actions: [
                PlannedAction(
                    key: key, node: text, action: "start" + text, reason: text, observedAgeMilliseconds: nil,
                    changesSomething: true)
            ],
            unknown: [UnobservedNode(node: text, reason: text)])
    }()

    /// Those that some commands add words of their own to.
    static let failuresThatCommandsExplain: [ClientFailure] = [
        failures[0], .refusal("Conflict", text, code: 409), .refusal("Timeout", text, code: 504),
        .lostAnswer(request: nil, reason: text),
    ]

    /// Every way in which there is no good answer.
    static let failures: [ClientFailure] = [
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
        .protocolViolation(text), .lostAnswer(request: nil, reason: text),
        .untrustedKey(address: text, seen: FakeAccess.key),
        .unusable(text),
    ]
}
