import Fleet
import JSONText
import Manifest
import Primitives

extension ObjectRenderer {
    /// A machine's status: what its node reported, with the fleet's binding, and with what silence and deletion make of
    /// it.
    func appendMachineStatus(of object: FleetObject, to output: inout JSONOutput) {
        let standing = MachineStanding(object, renderer: self)
        output.key("status")
        if standing.isStored {
            output.raw(object.status)
        } else {
            output.json(joinedStatus(of: object, standing: standing))
        }
    }

    private func joinedStatus(of object: FleetObject, standing: MachineStanding) -> JSON {
        // The fleet takes only canonical text; what is no JSON all the same is left out rather than passed on.
        var status = standing.isCurrent ? (try? JSON(parsing: object.status)) ?? [:] : [:]
        if status.object == nil { status = [:] }
        let lastSeen = standing.attendance.lastSeen(now: view.now)
        status["phase"] = .string(standing.phase)
        status[MachineStanding.storedPhaseName.description] = JSON?.none
        status["ready"] = .bool(standing.ready == "True")
        status["nodeName"] = object.binding.map { .string($0.node) }
        status["epoch"] = .integer(Int64(clamping: object.binding?.epoch ?? object.lastEpoch))
        status["message"] = standing.message.map { .string($0) } ?? status["message"]
        status["lastPhase"] = standing.lastPhase.map { .string($0) }
        status["lastSeen"] = lastSeen.map { .string($0.rfc3339) }
        status["conditions"] = conditions(of: object, standing: standing, stored: status["conditions"])
        return status
    }

    private func conditions(of object: FleetObject, standing: MachineStanding, stored: JSON?) -> JSON {
        var conditions = stored?.array ?? []
        let isSilent = standing.attendance != .present
        // While the node is there, its own report on readiness counts.
        if standing.isCurrent, !isSilent, conditions.contains(where: { $0["type"] == "Ready" }) {
            return .array(conditions)
        }
        let reason: JSON = isSilent ? "NodeSilent" : object.binding == nil ? "NotPlaced" : "NotReported"
        let since = standing.attendance.lastSeen(now: view.now) ?? object.createdAt
        conditions.removeAll { $0["type"] == "Ready" }
        conditions.append([
            "type": "Ready", "status": .string(standing.ready), "reason": reason,
            "message": .string(standing.message ?? ""),
            "observedGeneration": .integer(Int64(clamping: object.generation)),
            "lastTransitionTime": .string(since.rfc3339),
        ])
        return .array(conditions)
    }
}
