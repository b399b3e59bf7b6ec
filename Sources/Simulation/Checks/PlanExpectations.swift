import Fleet
import Hypervisor
import Manifest
import Primitives
import Reconcile
import Replica

/// What the last plan said of each machine and of a leader's placements, until it is seen whether it came true or until
/// something happens that the plan could not know.
struct PlanExpectations {
    struct Machine {
        /// The node that holds the machine.
        var run: AgentRun
        /// What the plan was made for.
        var desired: DesiredMachine
        /// What that node had seen.
        var observation: MachineObservation
        /// The steps that the plan printed, in their order.
        var steps: [String]
        /// In how many ticks the node could have acted.
        var ticks = 0

        /// The work that the node begins next; nil if it begins none until something changes.
        var work: String? { steps.first { !["wait", "look", "leave", "report-removed"].contains($0) } }
        /// Whether nothing is to be waited for before that.
        var isDue: Bool { steps.first == work }
    }

    /// A node that could act and has not after so many ticks does not.
    static let patienceTicks = 3

    private(set) var machines: [UID: Machine] = [:]
    /// Where the machines of a batch go, by the request that the batch was proposed under.
    private(set) var placements: [RequestID: [ObjectKey: String]] = [:]

    /// How often what came was what a plan had said.
    private(set) var kept = 0

    mutating func expect(_ machine: Machine) { machines[machine.desired.uid] = machine }

    /// Nothing is expected of the machine any more.
    mutating func drop(_ uid: UID) { machines[uid] = nil }

    /// Drops what an input may have changed since the plan.
    mutating func take(_ inputs: [ReplicaInput], by run: AgentRun) {
        for input in inputs {
            switch input {
            case .observed(let observation):
                guard let expected = machines[observation.uid], expected.run == run else { continue }
                var seen = observation
                seen.observedAt = expected.observation.observedAt
                if seen != expected.observation { drop(observation.uid) }
            case .machineDone(let uid, _, _), .request(_, let uid, _): drop(uid)
            case .observedAll, .haltMachines, .image:
                for (uid, expected) in machines where expected.run == run { drop(uid) }
            default: break
            }
        }
    }

    /// The node began work on the machine.
    ///
    /// - Parameter desired: What is wanted of the machine now, by what the node has applied.
    mutating func begun(
        _ verb: String, on uid: UID, wanting desired: DesiredMachine?, by run: AgentRun
    ) throws(Violation) {
        guard let expected = machines.removeValue(forKey: uid), expected.run == run, expected.desired == desired else {
            return
        }
        guard expected.work != verb else {
            kept += 1
            return
        }
        throw Violation(
            .plan,
            "node \(run.node + 1) begins to \(verb) \(desired?.key.name ?? uid.short), and the plan was "
                + "\(expected.steps)")
    }

    /// Time has passed on a node that may act on what it has applied.
    ///
    /// - Parameter wanted: What is wanted of a machine now, by what the node has applied.
    mutating func ticked(_ run: AgentRun, wanted: (DesiredMachine) -> DesiredMachine?) throws(Violation) {
        for uid in machines.keys.sorted() {
            guard let expected = machines[uid], expected.run == run, expected.isDue, let work = expected.work,
                wanted(expected.desired) == expected.desired
            else { continue }
            machines[uid]?.ticks += 1
            guard expected.ticks + 1 >= Self.patienceTicks else { continue }
            throw Violation(
                .plan,
                "the plan was that node \(run.node + 1) would \(work) \(expected.desired.key.name), and it does not")
        }
    }

    /// A leader has proposed a batch, and this is where a plan that was made then sends the machines.
    mutating func expect(_ placement: [ObjectKey: String], under request: RequestID) {
        placements[request] = placement
    }

    /// A batch of placements was committed.
    mutating func placed(_ placement: [ObjectKey: String], under request: RequestID) throws(Violation) {
        guard let planned = placements.removeValue(forKey: request) else { return }
        guard planned != placement else {
            kept += 1
            return
        }
        func text(_ placement: [ObjectKey: String]) -> String {
            placement.map { "\($0.key.name) on \($0.value)" }.sorted().joined(separator: ", ")
        }
        throw Violation(.plan, "the leader places \(text(placement)), and the plan was \(text(planned))")
    }
}
