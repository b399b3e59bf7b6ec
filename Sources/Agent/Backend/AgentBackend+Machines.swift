import API
import Contract
import DriverPort
import Fleet
import Host
import Hypervisor
import JSONText
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
        // Confirmed by a quorum: what was recorded before the request is known here when it is judged.
        var fleet = try await view(.linearizable).fleet
        if fleet[key]?.isAwaitingPlacement == true { fleet = try await placed(key) }
        let (object, node) = try holder(of: key, in: fleet)
        guard node == localNode.name else {
            try refuseToAskOn(key, of: node, for: author, fleet)
            return try await peers.perform(verb, on: key, of: node, fleet)
        }
        let request: MachineRequest = verb == .start ? .start : .restart
        let host = core.host
        guard let verdict = await core.answers.request({ host.post(.request(request, object.uid, $0)) }) else {
            throw .unavailable("\(node) has not taken \(key.name) over yet; ask again in a moment")
        }
        switch verdict {
        case .refused(let why): throw APIStatus(.conflict, why)
        case .runsAlready: return .running
        case .starting: return .starting
        case .restarting: return .restarting
        case .notRecorded:
            throw APIStatus(
                .timeout,
                "\(node) was asked to \(verb.rawValue) \(key.name) and has not recorded that in time; it may be done yet"
            )
        }
    }

    /// How long a machine that was just created, or is wanted again, may take to get its node.
    private static let placementMilliseconds: Int64 = 3000

    /// The state in which the leader has decided about a machine's place, or which is the newest when time is up.
    private func placed(_ key: ObjectKey) async throws(APIStatus) -> Fleet {
        let deadline = SystemClock.now() + Self.placementMilliseconds
        while true {
            let fleet = try await view(.stale).fleet
            let left = deadline - SystemClock.now()
            guard fleet[key]?.isAwaitingPlacement == true, left > 0, !Task.isCancelled else { return fleet }
            _ = await waitForRevision(after: fleet.revision, timeoutMilliseconds: left)
        }
    }

    private func holder(
        of key: ObjectKey, in fleet: Fleet
    ) throws(APIStatus) -> (machine: FleetObject, node: String) {
        guard let object = fleet[key] else { throw APIStatus.notFound(key) }
        if let node = object.binding?.node { return (object, node) }
        if object.deletion != nil { throw APIStatus(.conflict, "\(key.name) is being deleted") }
        if let refusal = judgeUnbound(object) { throw APIStatus(.conflict, refusal) }
        throw .unavailable("\(key.name) is on no node yet; ask again in a moment")
    }

    /// A member asks the node that holds a machine by what it knows itself. If that is somebody else by what is known
    /// here, one of the two is behind, and asking on could go round in circles.
    func refuseToAskOn(
        _ key: ObjectKey, of node: String, for author: PublicKey, _ fleet: Fleet
    ) throws(APIStatus) {
        guard fleet.member(key: author) != nil else { return }
        throw .unavailable(
            "\(key.name) is on \(node) by what \(localNode.name) knows; ask that node, or again in a moment")
    }

    func observed() async -> JSON {
        let seen = await observations()
        let now = SystemClock.now()
        return core.host.look { replica in
            var json = seen.json(now: now)
            json["node"] = .string(replica.name ?? "")
            json["unknownMachines"] = .array(replica.unknownMachines.map { .string($0.description) })
            return json
        }
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
