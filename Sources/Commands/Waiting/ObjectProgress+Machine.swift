import JSONText

extension ObjectProgress {
    /// How far a machine has come on the way to what a revision wants of it.
    ///
    /// - Parameters:
    ///   - object: As read now; nil if it is not there.
    ///   - generation: Of the spec that is waited for.
    init(machine object: JSON?, uid: String?, generation: Int64) {
        guard let object, Self.loss(of: object, uid: uid) == nil else {
            self = Self.loss(of: object, uid: uid) ?? .gone("it was deleted meanwhile")
            return
        }
        let phase = object["status"]?["phase"]?.string ?? "Pending"
        let node = object["status"]?["nodeName"]?.string
        let place = node.map { " on \($0)" } ?? ""
        let observed = object.observedGeneration ?? 0
        if observed < generation {
            self = .pending(object, phase: phase, "\(phase)\(place): " + object.generationGap(generation))
        } else if Self.isReached(object, phase: phase, generation: generation) {
            self = .reached((phase == "Stopped" ? "stopped" : "ready") + (node.map { " (\($0))" } ?? ""))
        } else {
            self = .pending(object, phase: phase, phase + place)
        }
    }

    /// Running machines are Ready; halted and stopped ones Stopped; others may have ended by themselves or wait for
    /// a user's request.
    private static func isReached(_ object: JSON, phase: String, generation: Int64) -> Bool {
        let isReady = object.isReady(atLeast: generation)
        if object.isStoppedByHand { return phase == "Stopped" }
        switch object.runStrategy {
        case "Halted": return phase == "Stopped"
        case "Always": return isReady
        default: return isReady || phase == "Stopped"
        }
    }
}

extension JSON {
    /// Whether the condition Ready is true, and was judged by this generation or a later one.
    func isReady(atLeast generation: Int64) -> Bool {
        let ready = condition("Ready")
        return ready?["status"]?.string == "True" && (ready?["observedGeneration"]?.integer ?? generation) >= generation
    }

    /// What a node that acts on an older generation of its machine has not done yet.
    func generationGap(_ wanted: Int64) -> String {
        "its node has acted on generation \(observedGeneration ?? 0), not yet on \(wanted)"
    }
}
