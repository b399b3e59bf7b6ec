import Fleet
import Manifest
import Primitives

/// An object whose next state a command waits for.
struct AwaitedObject: Equatable {
    var key: ObjectKey
    /// Of the object that is meant: one that was created anew under the name is another. Nil if it has none.
    var uid: String?
    /// Of the spec that is waited for.
    var generation: Int64
    var goal: ObjectGoal

    init(key: ObjectKey, uid: String?, generation: Int64, goal: ObjectGoal) {
        self.key = key
        self.uid = uid
        self.generation = generation
        self.goal = goal
    }

    init(_ result: MutationResult, goal: ObjectGoal) {
        self.init(
            key: result.key, uid: result.uid?.description, generation: Int64(clamping: result.generation), goal: goal)
    }
}

extension [AwaitedObject] {
    /// What an apply makes one wait for: all of it, as applied, and the end of what it pruned.
    ///
    /// An image is not waited for by itself: a machine that uses it is not ready before it is there.
    init(_ answer: WriteAnswer) {
        self = answer.results.compactMap { result in
            switch result.key.kind {
            case KindInfo.virtualMachine.kind, KindInfo.node.kind: return AwaitedObject(result, goal: .applied)
            case KindInfo.manifestSet.kind:
                guard let set = answer.set, set.name == result.key.name else { return nil }
                return AwaitedObject(result, goal: .revision(set.revision))
            default: return nil
            }
        }
        self += Self.departures(answer)
    }

    /// The same, until each object of a kind that has these conditions meets them.
    init(_ answer: WriteAnswer, until conditions: [WaitCondition]) {
        self = answer.results.compactMap { result in
            let fitting = conditions.filter { $0.kinds.contains { $0.kind == result.key.kind } }
            return fitting.isEmpty ? nil : AwaitedObject(result, goal: .conditions(fitting))
        }
        self += Self.departures(answer)
    }

    /// Only its machines, as applied.
    init(machinesOf answer: WriteAnswer) {
        self = answer.results.filter { $0.key.kind == KindInfo.virtualMachine.kind }.map {
            AwaitedObject($0, goal: .applied)
        }
    }

    private static func departures(_ answer: WriteAnswer) -> [AwaitedObject] {
        answer.pruned.filter { $0.operation == .terminating }.map { AwaitedObject($0, goal: .gone) }
    }
}
