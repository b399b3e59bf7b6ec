import Fleet
import Manifest
import Primitives
import Raft
import Reconcile
import Wire

// What the leader tells of nodes, as their events: that it leads, who fell silent or is back, and which take no new
// machines.
//
// Each is told once: the events that the cluster keeps say what was told before, also by another leader. A cluster in
// which nothing changes therefore writes nothing.
extension Replica {
    mutating func tellNews() {
        if let looked = duties?.newsLookedAt, now - looked < ReplicaTiming.livenessMilliseconds { return }
        let isStuck = duties?.newsLookedAt.map { now - $0 >= ReplicaTiming.writeMilliseconds } ?? true
        guard duties?.news == nil || isStuck else { return }
        duties?.newsLookedAt = now
        let events = news()
        guard !events.isEmpty else { return }
        let request = RequestID.random(using: &generator)
        let batch = PlacementBatch(bindings: [], notes: [], events: events)
        do throws(WriteFailure) {
            try proposeNow(WriteSubmission(request: request, author: identity.key, command: .place(batch)))
            duties?.news = request
            duties?.hasToldOffice = true
        } catch {
            // It is told with the next look.
        }
    }

    private func news() -> [EventDraft] {
        var events: [EventDraft] = []
        for member in fleet.members {
            let key = ObjectKey(kind: "Node", namespace: "", name: member.name)
            func tell(_ type: EventType, _ reason: String, _ message: String) {
                events.append(
                    EventDraft(
                        regarding: key, uid: fleet[key]?.uid, type: type, reason: reason, message: message,
                        source: "leader"))
            }
            let id = memberID(member.id)
            if id == identity.id, duties?.hasToldOffice == false {
                tell(.normal, "BecameLeader", "leads the cluster in term \(raft.term)")
            }
            let wasSilent = fleet.events(for: key).last { Self.lifeReasons.contains($0.reason) }?.reason == "NotReady"
            if !wasSilent, isSilent(id) {
                let seconds = NodeLife.silenceMilliseconds / 1000
                tell(.warning, "NotReady", "the leader has heard nothing of it for \(seconds) s")
            } else if wasSilent, isReady(member.name, now: now) {
                tell(.normal, "Ready", "the leader hears it again")
            }
            let wasCordoned =
                fleet.events(for: key).last { Self.cordonReasons.contains($0.reason) }?.reason == Self.cordonReasons[0]
            if let isCordoned = isCordoned(key), isCordoned != wasCordoned {
                if isCordoned {
                    tell(.normal, Self.cordonReasons[0], "takes no new machines; those that are there stay")
                } else {
                    tell(.normal, Self.cordonReasons[1], "takes new machines again")
                }
            }
        }
        return events
    }

    private func isSilent(_ id: NodeID) -> Bool {
        guard id != identity.id, let heard = lastHeard[id] else { return false }
        return now - heard >= NodeLife.silenceMilliseconds
    }

    /// Nil where the spec is one that this program does not understand.
    private func isCordoned(_ key: ObjectKey) -> Bool? {
        guard let node = fleet[key] else { return false }
        return (try? NodeSpec(canonical: node.spec))?.unschedulable
    }

    private static let lifeReasons = ["NotReady", "Ready"]
    private static let cordonReasons = ["Cordoned", "Uncordoned"]
}
