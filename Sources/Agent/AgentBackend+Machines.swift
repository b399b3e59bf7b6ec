import API
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
    func restart(_ key: ObjectKey, author: PublicKey) async throws(BackendFailure) {
        let fleet = try await view(.linearizable).fleet
        let (object, node) = try holder(of: key, in: fleet, orElse: "is on no node, so there is nothing to restart")
        if node == localNode.name {
            core.host.post(.restart(object.uid))
        } else {
            try refuseToAskOn(key, of: node, for: author, fleet)
            try await peers.restart(key, on: node, fleet)
        }
    }

    /// The machine and the node that it is bound to.
    ///
    /// - Parameter complaint: What is said of a machine that is bound to none.
    private func holder(
        of key: ObjectKey, in fleet: Fleet, orElse complaint: String
    ) throws(BackendFailure) -> (machine: FleetObject, node: String) {
        guard let object = fleet[key] else { throw .notFound("virtualmachines.blixard.dev \"\(key.name)\" not found") }
        guard let node = object.binding?.node else { throw .unavailable("\(key.name) \(complaint)") }
        return (object, node)
    }

    /// A member asks the node that holds a machine by what it knows itself. If that is somebody else by what is known
    /// here, one of the two is behind, and asking on could go round in circles.
    private func refuseToAskOn(
        _ key: ObjectKey, of node: String, for author: PublicKey, _ fleet: Fleet
    ) throws(BackendFailure) {
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

    func consoleLog(
        _ key: ObjectKey, offset: Int64?, limit: Int, tailLines: Int?, author: PublicKey
    ) async throws(BackendFailure) -> ConsoleAnswer {
        let fleet = try await view(.stale).fleet
        let (object, node) = try holder(of: key, in: fleet, orElse: "is on no node yet, so it has printed nothing")
        guard node == localNode.name else {
            try refuseToAskOn(key, of: node, for: author, fleet)
            return try await peers.consoleLog(key, on: node, fleet, offset: offset, limit: limit, tailLines: tailLines)
        }
        do throws(MachineFailure) {
            return try await console(object.uid, offset: offset, limit: limit, tailLines: tailLines)
        } catch {
            throw .unavailable("the log of \(key.name): \(error.message)")
        }
    }

    private func console(
        _ uid: UID, offset: Int64?, limit: Int, tailLines: Int?
    ) async throws(MachineFailure) -> ConsoleAnswer {
        if let tailLines, offset == nil {
            return try await tail(uid, lines: tailLines, limit: limit)
        }
        let chunk = try await core.driver.consoleLog(uid, offset: offset ?? 0, limit: limit)
        return ConsoleAnswer(bytes: chunk.bytes, nextOffset: chunk.nextOffset)
    }

    /// The last lines, found by reading forward: a console log is bounded by its driver.
    private func tail(_ uid: UID, lines: Int, limit: Int) async throws(MachineFailure) -> ConsoleAnswer {
        var bytes: [UInt8] = []
        var offset: Int64 = 0
        while true {
            let chunk = try await core.driver.consoleLog(uid, offset: offset, limit: max(limit, 1 << 20))
            bytes += chunk.bytes
            offset = chunk.nextOffset
            if bytes.count > limit { bytes.removeFirst(bytes.count - limit) }
            if chunk.bytes.isEmpty { break }
        }
        var wanted = lines
        var start = bytes.count
        if bytes.last == UInt8(ascii: "\n") { wanted += 1 }
        while start > 0 {
            if bytes[start - 1] == UInt8(ascii: "\n") {
                wanted -= 1
                if wanted <= 0 { break }
            }
            start -= 1
        }
        return ConsoleAnswer(bytes: Array(bytes[start...]), nextOffset: offset)
    }
}
