import Contract
import Fleet
import JSONText
import Manifest
import Primitives

/// How a node stands at the moment of reading.
struct NodeStanding {
    let member: Member?
    let liveness: NodeContact?
    let attendance: Attendance
    /// `Ready`, `NotReady`, `Unknown` or `Pending`.
    let word: String
    /// `True`, `False` or `Unknown`; nil for a node that is no member.
    let ready: String?
    let reason: String
    let message: String
    /// `leader`, `follower`, ...; nil for a node that is no member.
    let raftRole: String?

    init(_ object: FleetObject, renderer: ObjectRenderer) {
        let view = renderer.view
        let name = object.key.name
        let member = view.fleet.member(name: name)
        self.member = member
        liveness = view.liveness[name]
        guard member != nil else {
            attendance = .neverHeard
            word = "Pending"
            ready = nil
            reason = "NotJoined"
            message = "no node of this name has joined the cluster"
            raftRole = nil
            return
        }
        attendance = renderer.attendance(of: name)
        raftRole = (liveness?.role ?? "unknown").lowercased()
        let said = Self.readyCondition(in: object.status)
        if attendance != .present {
            (word, ready, reason) = ("Unknown", "Unknown", "NodeSilent")
            message = "\(name) \(attendance.phrase)"
        } else if let said, said["status"] == "False" {
            (word, ready) = ("NotReady", "False")
            reason = said["reason"]?.string ?? "NotReady"
            message = said["message"]?.string ?? ""
        } else if object.status.isEmpty {
            (word, ready, reason) = ("NotReady", "False", "NotReported")
            message = "\(name) has joined but has not reported its state yet"
        } else {
            (word, ready) = ("Ready", "True")
            reason = said?["reason"]?.string ?? "NodeReports"
            message = said?["message"]?.string ?? "\(name) is there and reports"
        }
    }

    static func readyCondition(in status: [UInt8]) -> JSON? {
        guard let conditions = CanonicalMembers(status)["conditions"] else { return nil }
        // Canonical text always reads; anything else says nothing of readiness.
        let parsed = try? JSON(parsing: Array(conditions))
        return parsed?.array?.first { $0["type"] == "Ready" }
    }
}
