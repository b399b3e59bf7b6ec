import Contract
import Fleet
import JSONText
import Manifest
import Primitives

extension ObjectRenderer {
    /// A node's status: what it reported, with readiness and its part in Raft as they are at the moment.
    func appendNodeStatus(of object: FleetObject, to output: inout JSONOutput) {
        let standing = NodeStanding(object, renderer: self)
        var status = (try? JSON(parsing: object.status)) ?? [:]  // Canonical text always reads.
        if status.object == nil { status = [:] }
        guard let member = standing.member, let ready = standing.ready else {
            status["phase"] = "Pending"
            status["message"] = .string(standing.message)
            output.key("status")
            output.json(status)
            return
        }
        if status["raftID"] == nil {
            status["raftID"] = .integer(Int64(clamping: member.id))
            status["publicKey"] = .string(member.key.description)
            status["addresses"] = .array(member.addresses.map { .string($0) })
        }
        // The member list is what Raft agreed on; a report may be from before a promotion.
        status["role"] = .string(member.role == .voter ? "voter" : "learner")
        status["raftRole"] = standing.raftRole.map { .string($0) }
        let isSelf = member.id == view.localID
        let liveness = standing.liveness
        status["connected"] = .bool(isSelf || liveness?.connected == true)
        let heard = isSelf ? 0 : liveness?.lastHeardMilliseconds
        status["lastHeardSeconds"] = heard.map { .integer($0 / 1000) } ?? .null
        status["lag"] = liveness?.lag.map { .integer(Int64(clamping: $0)) } ?? .null
        status["roundTripMilliseconds"] = liveness?.roundTripMicroseconds.map(JSON.milliseconds) ?? .null
        var conditions = status["conditions"]?.array ?? []
        let stored = conditions.first { $0["type"] == "Ready" }
        let keepsTime = stored?["status"]?.string == ready
        let since = standing.attendance.lastSeen(now: view.now) ?? member.joinedAt
        conditions.removeAll { $0["type"] == "Ready" }
        conditions.append([
            "type": "Ready", "status": .string(ready), "reason": .string(standing.reason),
            "message": .string(standing.message),
            "observedGeneration": stored?["observedGeneration"] ?? .integer(Int64(clamping: object.generation)),
            "lastTransitionTime": keepsTime
                ? stored?["lastTransitionTime"] ?? .string(since.rfc3339) : .string(since.rfc3339),
        ])
        status["conditions"] = .array(conditions)
        output.key("status")
        output.json(status)
    }
}
