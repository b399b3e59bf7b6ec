import Fleet
import Manifest
import Primitives
import Raft
import Reconcile

/// What the leader tells of nodes, as their events: that it leads, which fell silent or are back, and which take no new
/// machines.
///
/// Each is told once: the events that the cluster keeps say what was told before, also by another leader. A cluster in
/// which nothing changes therefore writes nothing.
struct NodeEventDuty: Sendable {
    /// What was told and is not applied yet: one entry at a time.
    private(set) var inFlight: RequestID?
    /// When it was last asked what is to be told; nil before the first time.
    private var lookedAt: Instant?
    /// Whether an entry tells that this node leads in this term; never false again.
    private(set) var hasToldOffice = false

    /// What is to be told now; nil if nothing is, or if something is under way. It is to be proposed, and answered by
    /// ``proposed(_:)`` if it was taken; else it is told with the next look.
    mutating func tell(
        in fleet: Fleet, liveness: PeerLiveness, term: Term, by leader: PublicKey, at now: Instant,
        generator: inout SeededGenerator
    ) -> WriteSubmission? {
        if let looked = lookedAt, now - looked < ReplicaTiming.livenessMilliseconds { return nil }
        let isStuck = lookedAt.map { now - $0 >= ReplicaTiming.writeMilliseconds } ?? true
        guard inFlight == nil || isStuck else { return nil }
        lookedAt = now
        let events = events(in: fleet, liveness: liveness, term: term, at: now)
        guard !events.isEmpty else { return nil }
        return WriteSubmission(
            request: RequestID.random(using: &generator), author: leader,
            command: .place(PlacementBatch(bindings: [], notes: [], events: events)))
    }

    mutating func proposed(_ request: RequestID) {
        inFlight = request
        hasToldOffice = true
    }

    mutating func decided(_ request: RequestID) {
        if inFlight == request { inFlight = nil }
    }

    private func events(in fleet: Fleet, liveness: PeerLiveness, term: Term, at now: Instant) -> [EventDraft] {
        var events: [EventDraft] = []
        for member in fleet.members {
            let key = ObjectKey(kind: "Node", namespace: "", name: member.name)
            func tell(_ type: EventType, _ reason: String, _ message: String) {
                events.append(
                    EventDraft(
                        regarding: key, uid: fleet[key]?.uid, type: type, reason: reason, message: message,
                        source: "leader"))
            }
            let id = NodeID(member.id)
            if id == liveness.own, !hasToldOffice {
                tell(.normal, "BecameLeader", "leads the cluster in term \(term)")
            }
            let wasSilent = fleet.events(for: key).last { Self.lifeReasons.contains($0.reason) }?.reason == "NotReady"
            if !wasSilent, liveness.isSilent(id, at: now) {
                let seconds = NodeLife.silenceMilliseconds / 1000
                tell(.warning, "NotReady", "the leader has heard nothing of it for \(seconds) s")
            } else if wasSilent, liveness.isReady(id, at: now) {
                tell(.normal, "Ready", "the leader hears it again")
            }
            let wasCordoned =
                fleet.events(for: key).last { Self.cordonReasons.contains($0.reason) }?.reason == Self.cordonReasons[0]
            if let isCordoned = isCordoned(key, in: fleet), isCordoned != wasCordoned {
                if isCordoned {
                    tell(.normal, Self.cordonReasons[0], "takes no new machines; those that are there stay")
                } else {
                    tell(.normal, Self.cordonReasons[1], "takes new machines again")
                }
            }
        }
        return events
    }

    /// Nil where the spec is one that this program does not understand.
    private func isCordoned(_ key: ObjectKey, in fleet: Fleet) -> Bool? {
        guard let node = fleet[key] else { return false }
        return (try? NodeSpec(canonical: node.spec))?.unschedulable
    }

    private static let lifeReasons = ["NotReady", "Ready"]
    private static let cordonReasons = ["Cordoned", "Uncordoned"]
}
