import Fleet
import Manifest

/// What users asked of single objects and were told, written down to be checked for linearizability.
///
/// Machines are objects whose versions others change too, and whose deletion takes its time. Images that no machine
/// uses are the users' alone: registers, in effect.
struct ClientRecords {
    typealias Model = ObjectModel

    /// Where one operation stands.
    struct Number: Equatable {
        var isMachine: Bool
        var number: Int
    }

    private var machines = ClientHistory<Model.Input, Model.Output>()
    private var registers = ClientHistory<Model.Input, Model.Output>()

    var count: Int { machines.operations.count + registers.operations.count }

    mutating func begin(_ verb: Model.Verb, on key: ObjectKey, by user: Int) -> Number {
        let input = Model.Input(key: key.name, verb: verb)
        return key.kind == SimulatedUser.machineKind
            ? Number(isMachine: true, number: machines.begin(input, by: user))
            : Number(isMachine: false, number: registers.begin(input, by: user))
    }

    mutating func end(_ operation: Number, _ output: Model.Output) {
        if operation.isMachine {
            machines.end(operation.number, output)
        } else {
            registers.end(operation.number, output)
        }
    }

    /// An order must exist that explains every answer. Where none can be found in bounded time, that is a failure too.
    func check() throws(Violation) {
        try check(machines, hasControllers: true)
        try check(registers, hasControllers: false)
    }

    private func check(
        _ history: ClientHistory<Model.Input, Model.Output>, hasControllers: Bool
    ) throws(Violation) {
        let checker = LinearizabilityChecker(ObjectModel(hasControllers: hasControllers), budget: .usual)
        switch checker.check(history.operations) {
        case .linearizable: return
        case .violated(let failure): throw Violation(.linearizability, failure.description)
        case .undecided(let key):
            throw Violation(.linearizability, "no verdict on the \(history.operations.count) operations on \(key)")
        }
    }
}

extension Mutation {
    /// As the model of objects sees it.
    var verb: ObjectModel.Verb {
        switch self {
        case .put(let put):
            let precondition: ObjectModel.Precondition =
                switch put.precondition {
                case .none: .none
                case .absent: .absent
                case .resourceVersion(let version): .version(version)
                }
            return .put(put.labels[CanonicalHistory.mark] ?? "", precondition)
        case .delete(let delete): return .delete(version: delete.resourceVersion)
        }
    }
}

extension CommandOutcome {
    /// What a write's outcome says of one of its objects.
    func output(of key: ObjectKey, at position: Int) -> ObjectModel.Output {
        switch self {
        case .written(let answer):
            let result = answer.results[position]
            return switch result.operation {
            case .created: .created(version: result.resourceVersion)
            case .configured: .configured(version: result.resourceVersion)
            case .unchanged where result.uid == nil: .nothingToDelete
            case .unchanged: .unchanged(version: result.resourceVersion)
            case .deleted, .cleared: .deleted(version: result.resourceVersion)
            case .terminating: .terminating(version: result.resourceVersion)
            }
        case .refused(let refusals):
            switch refusals.first(where: { $0.key == key })?.reason {
            case .conflict: return .refused(.conflict)
            case .alreadyExists: return .refused(.alreadyExists)
            case .notFound: return .refused(.notFound)
            case .terminating: return .refused(.terminating)
            default: return .refused(.elsewhere)
            }
        default: preconditionFailure("a write was answered with \(self)")
        }
    }
}
