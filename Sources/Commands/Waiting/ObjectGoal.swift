import JSONText
import Manifest

/// What a command waits for of one object.
enum ObjectGoal: Equatable {
    /// A machine or a node is as its spec wants it.
    case applied
    /// Each of these holds, judged by the spec that is waited for or a later one.
    case conditions([WaitCondition])
    /// A set is at this revision, or at a later one.
    case revision(UInt64)
    /// It is no longer there; another one under its name is another one.
    case gone

    /// What an object is not that is not there yet, in errors.
    var lack: String {
        switch self {
        case .applied: "is not ready"
        case .conditions(let conditions): "does not meet \(conditions.map(\.text).joined(separator: " and "))"
        case .revision(let number): "is not at revision \(number)"
        case .gone: "is not gone"
        }
    }
}

extension AwaitedObject {
    /// How far the object is on the way to its goal.
    ///
    /// - Parameter object: As read now; nil if it is not there.
    func progress(of object: JSON?) -> ObjectProgress {
        if goal == .gone { return departure(of: object) }
        if goal == .applied, key.kind == KindInfo.virtualMachine.kind {
            return ObjectProgress(machine: object, uid: uid, generation: generation)
        }
        if let loss = ObjectProgress.loss(of: object, uid: uid) { return loss }
        let object = object ?? .null
        switch goal {
        case .applied, .gone: return readiness(of: object)
        case .revision(let number):
            // The answer to the apply has said that the revision is recorded. A watch may say nothing of it.
            guard let found = object["status"]?["revision"]?.integer else { return .reached("at revision \(number)") }
            guard UInt64(clamping: found) < number else { return .reached("at revision \(found)") }
            return .pending(phase: "revision \(found)", explanation: "it is at revision \(found)")
        case .conditions(let conditions):
            guard let why = conditions.lazy.compactMap({ $0.missing(in: object, generation: generation) }).first else {
                return .reached("condition met")
            }
            return .pending(phase: object.standingWord, explanation: why, why: why)
        }
    }

    private func departure(of object: JSON?) -> ObjectProgress {
        guard let object, uid == nil || object.uidText == uid else { return .reached("gone") }
        let why = "\(object.removingNode) has not removed it yet"
        return .pending(phase: "Terminating", explanation: why, why: why)
    }

    /// Of a node: a manifest may be there before the host that it describes joins.
    private func readiness(of object: JSON) -> ObjectProgress {
        if object["status"]?["raftID"] == nil { return .reached("not joined yet") }
        if object.isReady(atLeast: generation) { return .reached("ready") }
        return .pending(object, phase: object.standingWord, object.standingWord)
    }
}

extension JSON {
    /// An object's phase, or what its readiness says in one word.
    var standingWord: String {
        if let phase = self["status"]?["phase"]?.string { return phase }
        switch condition("Ready")?["status"]?.string {
        case "True": return "Ready"
        case "False": return "NotReady"
        default: return "Unknown"
        }
    }

    /// Which node has yet to remove an object that is being deleted, and why it may take long.
    var removingNode: String {
        guard let node = self["status"]?["nodeName"]?.string ?? self["spec"]?["nodeName"]?.string else {
            return "its node"
        }
        guard let ready = condition("Ready"), ready["reason"]?.string == "NodeSilent" else { return node }
        return "\(node) (\(ready["message"]?.string ?? "silent"))"
    }
}
