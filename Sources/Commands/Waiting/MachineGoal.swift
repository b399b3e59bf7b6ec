import JSONText

/// What a verb for one machine wants to be true.
enum MachineGoal: Equatable {
    case stopped
    /// It runs, or has run and powered off, since a process that was started at another time than this.
    case started(lastBefore: String?)
    /// The same, and not in the process that was started at this time.
    case restarted(lastBefore: String?)

    /// How a machine is that has reached its goal and does not run any more.
    static let hasRun = "it has run, and its guest switched itself off"

    /// What is true then.
    var word: String {
        switch self {
        case .stopped: "stopped"
        case .started: "started"
        case .restarted: "restarted"
        }
    }

    /// How far the machine is.
    func standing(of object: JSON?) -> ObjectProgress {
        let progress = ObjectProgress(machine: object, uid: nil, generation: object?.generation ?? 0)
        guard let object, case .reached(let how) = progress else { return progress }
        let isThere: Bool
        switch self {
        case .stopped:
            guard object.isStoppedByHand || object.runStrategy == "Halted" else {
                return .gone("it was started again meanwhile")
            }
            isThere = true
        case .started, .restarted:
            guard !object.isStoppedByHand, object.runStrategy != "Halted" else {
                return .gone("it was stopped meanwhile")
            }
            let ready = object.condition("Ready")
            if ready?["reason"]?.string == "PoweredOff", object.lastStartedAt != lastBefore {
                return .reached(Self.hasRun)
            }
            isThere = ready?["status"]?.string == "True" && isNew(object)
        }
        if isThere { return .reached(how) }
        let phase = object["status"]?["phase"]?.string ?? "Pending"
        let message = object["status"]?["message"]?.string.map { ": \($0)" } ?? ""
        return .pending(phase: phase, explanation: phase + message)
    }

    private func isNew(_ object: JSON) -> Bool {
        guard case .restarted(let before) = self else { return true }
        return object.lastStartedAt != before
    }

    private var lastBefore: String? {
        switch self {
        case .stopped: nil
        case .started(let before), .restarted(let before): before
        }
    }
}
