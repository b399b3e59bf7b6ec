import API
import Contract
import DriverPort
import Fleet
import Host
import Hypervisor
import Manifest
import Mesh
import Primitives
import Reconcile
import Replica

// What the API asks about single machines, wherever they run, and about those of this node.
extension AgentBackend {
    func perform(
        _ verb: MachineVerb, on key: ObjectKey, author: PublicKey
    ) async throws(APIStatus) -> MachineVerbOutcome {
        let (route, fleet) = try await decidedRoute(of: key, author)
        switch route {
        case .here(let object): return try await perform(verb, on: object)
        case .ask(let node): return try await peers.perform(verb, on: key, of: node, fleet)
        case .disagreed(let node): throw disagreed(key, node)
        case .missing: throw APIStatus.notFound(key)
        case .undecided: throw .unavailable("\(key.name) is on no node yet; ask again in a moment")
        case .unbound(let why): throw APIStatus(.conflict, why)
        }
    }

    private func perform(
        _ verb: MachineVerb, on machine: FleetObject
    ) async throws(APIStatus) -> MachineVerbOutcome {
        let (node, name) = (localNode.name, machine.key.name)
        let request: MachineRequest = verb == .start ? .start : .restart
        let host = core.host
        guard let verdict = await core.answers.request({ host.post(.request(request, machine.uid, $0)) }) else {
            throw .unavailable("\(node) has not taken \(name) over yet; ask again in a moment")
        }
        switch verdict {
        case .refused(let why): throw APIStatus(.conflict, why)
        case .runsAlready: return .running
        case .starting: return .starting
        case .restarting: return .restarting
        case .notRecorded:
            throw APIStatus(
                .timeout,
                "\(node) was asked to \(verb.rawValue) \(name) and has not recorded that in time; it may be done yet")
        }
    }

    /// The route of a request, with the state that it follows from, once the leader has decided about the machine's
    /// place or time is up.
    private func decidedRoute(
        of key: ObjectKey, _ author: PublicKey
    ) async throws(APIStatus) -> (MachineRoute, Fleet) {
        // Confirmed by a quorum: what was recorded before the request is known here when it is judged.
        var fleet = try await view(.linearizable).fleet
        let deadline = SystemClock.now() + MachineRoute.placementMilliseconds
        while true {
            let route = MachineRoute.ofRequest(for: key, by: author, at: localNode.name, in: fleet)
            let left = deadline - SystemClock.now()
            guard route == .undecided, left > 0, !Task.isCancelled else { return (route, fleet) }
            _ = await waitForRevision(after: fleet.revision, timeoutMilliseconds: left)
            fleet = try await view(.stale).fleet
        }
    }

    func disagreed(_ key: ObjectKey, _ node: String) -> APIStatus {
        .unavailable("\(key.name) is on \(node) by what \(localNode.name) knows; ask that node, or again in a moment")
    }

    func observed() async -> ObservedAnswer {
        let seen = await observations()
        return ObservedAnswer(
            node: localNode.name, unknownMachines: core.host.look { $0.unknownMachines }, observations: seen,
            now: SystemClock.now())
    }

    /// What this node sees of its machines, each looked at now. The looks go to the loop as well, but only after they
    /// were taken for the answer: a plan shows what it found, not what was mended meanwhile.
    func observations() async -> NodeObservations {
        var seen = core.host.look { $0.observations(now: SystemClock.now()) }
        let driver = core.driver
        let looks = await withTaskGroup(of: MachineObservation.self) { group in
            for uid in seen.machines.keys { group.addTask { await driver.observe(uid) } }
            var looks: [MachineObservation] = []
            for await look in group { looks.append(look) }
            return looks
        }
        for look in looks {
            seen.machines[look.uid]?.observation = look
            seen.machines[look.uid]?.ageMilliseconds = 0
            core.host.post(.observed(look))
        }
        return seen
    }
}
