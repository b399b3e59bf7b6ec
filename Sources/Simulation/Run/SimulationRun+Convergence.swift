import DiskFaults
import Fleet
import Hypervisor
import Manifest
import Primitives
import Raft
import Reconcile
import Replica

// The second phase: faults end, and everything must become as it is wanted within bounded time.
extension SimulationRun {
    mutating func endFaults() throws(Violation) {
        guard phase == .faults else { return }
        phase = .calm(since: now)
        note(.faultsEnded)
        breakDown()
        network.healAll()
        for index in hosts {
            nodes[index].diskIsSlow = false
            nodes[index].capacity = nil
            nodes[index].agent?.journal.disk.capacity = nil
            nodes[index].agent?.journal.disk.disarm()
            nodes[index].agent?.ticksAreStalled = false
            if let run = nodes[index].agent?.run { try resume(run) } else { try start(index) }
            mendMachines(index)
        }
        for user in users.indices { users[user].requestsLeft = SimulatedUser.requestsAfterFaults }
        schedule(.operatorActs, in: 100)
        schedule(.checkConvergence, in: 100)
    }

    /// What only a person outside the cluster can mend.
    private mutating func mendMachines(_ index: Int) {
        let now = clock(of: index)
        for (uid, machine) in nodes[index].machines.machines.sorted(by: { $0.key < $1.key }) {
            switch machine.phase {
            case .unresponsive: nodes[index].machines.unhang(uid, now: now)
            case .foreign: nodes[index].machines.vacate(uid, now: now)
            case .panicked, .ioError: schedule(.restartMachine(uid, node: index), in: 1)
            default: continue
            }
            schedule(.machineChanged(uid, node: index), in: machineChance.within(0...100))
        }
    }

    /// An operator has a machine that can't go on started anew, as soon as its node knows of it.
    mutating func restartMachine(_ uid: UID, _ index: Int) throws(Violation) {
        switch nodes[index].machines.machines[uid]?.phase {
        case .panicked, .ioError: break
        default: return
        }
        if let run = nodes[index].agent?.run { try feed(.request(.restart, uid, Waiter(0)), to: run) }
        schedule(.restartMachine(uid, node: index), in: 10_000)
    }

    mutating func checkConvergence() throws(Violation) {
        guard case .calm(let since) = phase else { return }
        try checkLeadership(since: since)
        try checkService(since: since)
        guard let problem = unconverged() else {
            report.convergenceMilliseconds = now - since
            report[.convergenceMilliseconds] = Int(now - since)
            phase = .over
            return
        }
        guard now - since < options.convergenceMilliseconds else {
            throw Violation(.convergence, "after \(now - since) ms: \(problem)")
        }
        schedule(.checkConvergence, in: 500)
    }

    /// A node must lead soon after the last fault.
    private mutating func checkLeadership(since: Instant) throws(Violation) {
        guard report[.leaderMilliseconds] == 0 else { return }
        if isLed {
            report[.leaderMilliseconds] = max(1, Int(now - since))
        } else if now - since > Self.leadershipMilliseconds {
            throw Violation(.leadership, "no node leads \(now - since) ms after the last fault")
        }
    }

    /// Whether a node leads, and most of its voters know.
    var isLed: Bool {
        hosts.contains { index in
            guard let leader = nodes[index].agent?.replica, leader.role == .leader else { return false }
            let voters = leader.voterIDs
            let followers = voters.compactMap { host(of: $0).flatMap { nodes[$0].agent?.replica } }
                .count { $0.term == leader.term && $0.leader == leader.identity.id }
            return followers >= majority(of: voters.count)
        }
    }

    /// Every user must have been answered soon, also on what was asked after the last fault.
    private mutating func checkService(since: Instant) throws(Violation) {
        guard report[.serviceMilliseconds] == 0 else { return }
        guard let user = users.first(where: \.waits) else {
            report[.serviceMilliseconds] = max(1, Int(now - since))
            return
        }
        guard now - since <= Self.serviceMilliseconds else {
            throw Violation(
                .service,
                "user \(user.number) is not served \(now - since) ms after the last fault: "
                    + (user.task?.what ?? "it has not asked yet"))
        }
    }

    /// Most are served within a minute: a user that asks a host that was taken out waits ten seconds, maybe often.
    private static let serviceMilliseconds: Int64 = 300_000

    /// Ten times the longest election timeout.
    private static var leadershipMilliseconds: Int64 {
        20 * Int64(ReplicaTiming.electionTicks) * ReplicaTiming.tickMilliseconds
    }

    /// What is not as it should be yet; nil if nothing is.
    private func unconverged() -> String? {
        if !operations.isIdle {
            let task = operations.task.map { "\($0)" } ?? "a task that has not begun"
            return "the operator is not done with \(task); damaged are \(atlas.damaged.sorted())"
        }
        let up = hosts.compactMap { nodes[$0].agent }
        guard up.count == hosts.count else { return "a node is down" }
        guard let leader = up.first(where: { $0.replica.role == .leader }),
            up.allSatisfy({ $0.replica.leader == leader.replica.identity.id && $0.replica.isCaughtUp })
        else { return "not all follow one leader, caught up" }
        if let user = users.first(where: \.waits) {
            return "user \(user.number) still waits for \(user.task?.what ?? "its turn")"
        }
        let fleet = leader.replica.fleet
        guard up.allSatisfy({ $0.replica.stateHash == fleet.stateHash }) else { return "states differ" }
        guard fleet.members.allSatisfy({ $0.role == .voter }), fleet.members.count == up.count else {
            return "\(fleet.members.count) members, some of them no voters, on \(up.count) hosts"
        }
        if let difference = history.difference() { return difference }
        if let problem = problem(ofSourceIn: fleet) { return problem }
        do {
            try history.checkSets()
        } catch {
            return error.details
        }
        for object in fleet.objects(kind: "VirtualMachine", namespace: nil) {
            if let problem = problem(of: object) { return "\(object.key.name) (\(object.uid.short)): \(problem)" }
        }
        return leftover(fleet)
    }

    private func problem(of object: FleetObject) -> String? {
        guard object.deletion == nil else { return "is still being deleted" }
        guard let binding = object.binding, let desired = DesiredMachine(object) else {
            return problem(ofUnbound: object)
        }
        guard let index = hosts.first(where: { nodes[$0].name == binding.node }) else {
            return "is bound to \(binding.node), which is no node"
        }
        let now = clock(of: index)
        let truth = nodes[index].machines.observe(object.uid, now: now)
        guard let seen = nodes[index].agent?.replica.observations(now: now).machines[object.uid] else {
            return "its node has not looked at it"
        }
        let steps = planMachine(
            desired, observed: seen.observation, history: seen.history, images: ImageShelf(holdings: [:]), now: now)
        guard steps.isEmpty else { return "\(steps.map { "\($0.action.verb) (\($0.reason))" }) remains to be done" }
        let phase = (try? VirtualMachineStatus(canonical: object.status))?.phase
        switch desired.intent {
        case .run(.always):
            guard truth.state == .running, phase == .running else {
                return "is \(truth.state), shown as \(shown(phase))"
            }
        case .halt:
            guard !truth.state.mayHaveProcess, phase == .stopped else {
                return "is \(truth.state), shown as \(shown(phase)), and shall not run"
            }
        default:
            guard truth.state == seen.observation.state else {
                return "is \(truth.state), seen as \(seen.observation.state)"
            }
            guard (truth.state == .running) == (phase == .running) else {
                return "is \(truth.state), shown as \(shown(phase))"
            }
        }
        return nil
    }

    /// What is not wanted to run needs no node.
    private func problem(ofUnbound object: FleetObject) -> String? {
        guard let spec = try? VirtualMachineSpec(canonical: object.spec) else { return "has an unreadable spec" }
        guard spec.rest != nil else { return "is bound nowhere" }
        let phase = (try? VirtualMachineStatus(canonical: object.status))?.phase
        return phase == .stopped ? nil : "is bound nowhere and shown as \(shown(phase))"
    }

    private func shown(_ phase: MachinePhase?) -> String { phase?.rawValue ?? "nothing" }

    /// A machine that is there and should not be.
    private func leftover(_ fleet: Fleet) -> String? {
        let known = Dictionary(
            fleet.objects(kind: "VirtualMachine", namespace: nil).map { ($0.uid, $0.binding?.node) },
            uniquingKeysWith: { first, _ in first })
        for index in hosts {
            for uid in nodes[index].machines.machines.keys.sorted() where known[uid] != nodes[index].name {
                return "machine \(uid.short) is still on node \(index + 1)"
            }
        }
        return nil
    }
}
