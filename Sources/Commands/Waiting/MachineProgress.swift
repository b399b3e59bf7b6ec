import JSONText

/// How far a machine has come on the way to what a revision wants of it.
enum MachineProgress: Equatable {
    case reached(String)
    case pending(phase: String, explanation: String)
    /// It never will.
    case gone(String)

    /// - Parameters:
    ///   - object: As read now; nil if it is not there.
    ///   - generation: Of the spec that is waited for.
    init(_ object: JSON?, uid: String?, generation: Int64) {
        guard let object else {
            self = .gone("it was deleted meanwhile")
            return
        }
        if let uid, let found = object.uidText, uid != found {
            self = .gone("it was deleted and created anew meanwhile")
            return
        }
        if object["metadata"]?["deletionTimestamp"]?.string != nil {
            self = .gone("it is being deleted")
            return
        }
        let phase = object["status"]?["phase"]?.string ?? "Pending"
        let node = object["status"]?["nodeName"]?.string
        let observed = object.observedGeneration ?? 0
        guard observed >= generation else {
            let place = node.map { " on \($0)" } ?? ""
            self = .pending(
                phase: phase,
                explanation: "\(phase)\(place): its node has acted on generation \(observed), not yet on \(generation)"
                    + Self.reasons(object))
            return
        }
        let place = node.map { " (\($0))" } ?? ""
        if Self.isReached(object, phase: phase, generation: generation) {
            self = .reached((phase == "Stopped" ? "stopped" : "ready") + place)
        } else {
            self = .pending(phase: phase, explanation: phase + (node.map { " on \($0)" } ?? "") + Self.reasons(object))
        }
    }

    /// Running machines are Ready; halted and stopped ones Stopped; others may have ended by themselves or wait for
    /// a user's request.
    private static func isReached(_ object: JSON, phase: String, generation: Int64) -> Bool {
        let ready = object.condition("Ready")
        let isReady =
            ready?["status"]?.string == "True" && (ready?["observedGeneration"]?.integer ?? generation) >= generation
        if object.isStoppedByHand { return phase == "Stopped" }
        switch object.runStrategy {
        case "Halted": return phase == "Stopped"
        case "Always": return isReady
        default: return isReady || phase == "Stopped"
        }
    }

    /// What the conditions that are not as they should be say.
    private static func reasons(_ object: JSON) -> String {
        let bad = (object["status"]?["conditions"]?.array ?? []).filter { condition in
            let type = condition["type"]?.string
            let good = type == "RestartRequired" || type == "Stalled" || type == "Reconciling" ? "False" : "True"
            return condition["status"]?.string != good
        }
        let texts = bad.compactMap { condition -> String? in
            guard let type = condition["type"]?.string else { return nil }
            let reason = condition["reason"]?.string ?? "Unknown"
            let message = condition["message"]?.string ?? ""
            return "\(type) is \(condition["status"]?.string ?? "Unknown"): \(reason)"
                + (message.isEmpty ? "" : ": \(message)")
        }
        return texts.isEmpty ? "" : "; " + texts.joined(separator: "; ")
    }

    var phase: String {
        switch self {
        case .pending(let phase, _): phase
        case .reached(let how): how
        case .gone: "gone"
        }
    }

    var explanation: String {
        switch self {
        case .pending(_, let explanation): explanation
        case .reached(let how), .gone(let how): how
        }
    }
}
