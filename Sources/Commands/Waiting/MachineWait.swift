import JSONText
import Manifest
import Primitives

/// Follows one machine until it is as a verb wants it.
struct MachineWait {
    let machine: MachineByHand
    let goal: MachineGoal
    let timeoutMilliseconds: Int64

    /// A machine that shall run and has been off for so long after its node agreed will not run.
    private static let offMilliseconds: Int64 = 10_000

    /// Answers what is to be said beside the goal's word, if anything.
    func run() async throws -> String? {
        let world = machine.client.world
        let key = KindInfo.virtualMachine.key(namespace: machine.namespace, name: machine.name)
        let follower = ObjectFollower(
            client: machine.client, keys: [key], deadline: world.clock.now + timeoutMilliseconds)
        var standing = ObjectProgress.pending(phase: "Unknown", explanation: "no answer just now")
        var offSince: Instant?
        var progress = ProgressLine(in: world)
        try await follower.follow { event in
            switch event {
            case .all(let objects): standing = goal.standing(of: objects[key])
            case .one(key, let object): standing = goal.standing(of: object)
            case .one: return false
            case .silence: standing = .pending(phase: "Unknown", explanation: "no answer just now")
            case .deadline:
                try progress.clear()
                throw CommandFailure(
                    text: """
                        \(machine.subject) is not \(goal.word): \(standing.explanation)
                        error: timed out waiting for the condition on virtualmachines/\(machine.name)
                        """)
            }
            switch standing {
            case .reached:
                try progress.clear()
                return true
            case .gone(let why):
                try progress.clear()
                throw CommandFailure.error("\(machine.subject) is not \(goal.word): \(why)")
            case .pending: break
            }
            let now = world.clock.now
            offSince = goal != .stopped && standing.phase == "Stopped" ? offSince ?? now : nil
            if let offSince, now - offSince >= Self.offMilliseconds {
                try progress.clear()
                throw CommandFailure.error("\(machine.subject) is not \(goal.word): \(standing.explanation)")
            }
            try progress.show("waiting for \(machine.subject): \(standing.phase)")
            return false
        }
        return standing == .reached(MachineGoal.hasRun) ? MachineGoal.hasRun : nil
    }
}
