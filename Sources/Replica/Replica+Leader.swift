import Fleet
import Primitives
import Raft
import Reconcile
import Wire

// What runs while this node leads: placement, the promotion of learners, and telling the others who is silent.
extension Replica {
    mutating func beginDuties() {
        if duties?.term != raft.term { duties = LeaderDuties(term: raft.term) }
    }

    mutating func dutiesTick() {
        guard let started = duties?.membershipInFlight else {
            promoteLearners()
            return
        }
        // Consensus itself knows whether one is pending; the time only bounds how long a lost one blocks the next.
        if now - started >= ReplicaTiming.writeMilliseconds { duties?.membershipInFlight = nil }
    }

    mutating func performDuties() {
        guard duties != nil, softState.role == .leader else { return }
        place()
        tellNews()
        tellLiveness()
    }

    /// Whether a machine may be given to a node: it has been heard of lately, and in this term.
    ///
    /// A binding is for good, so the patience that a new leader has with the silent does not count here, nor does a
    /// node whose connection is lost.
    func isReady(_ name: String, now: Instant) -> Bool {
        guard let member = fleet.member(name: name) else { return false }
        let id = memberID(member.id)
        if id == identity.id { return true }
        guard let heard = lastHeard[id], heardSinceElection.contains(id), peers[id]?.isConnected != false else {
            return false
        }
        return now - heard < NodeLife.silenceMilliseconds
    }

    private mutating func place() {
        guard var duties else { return }
        if duties.placement != nil {
            guard now - duties.placementStartedAt >= ReplicaTiming.writeMilliseconds else { return }
            duties.placement = nil
            duties.placedRevision = nil
        }
        let ready = fleet.members.map(\.name).filter { isReady($0, now: now) }
        guard duties.placedRevision != fleet.revision || duties.placedReady != ready else { return }
        duties.followUnbound(fleet, ready: ready)
        defer { self.duties = duties }
        var demand = PlacementDemand(duties.candidates.sorted(), of: fleet)
        duties.settle(demand.settled)
        if !demand.machines.isEmpty {
            var placement = Placement(fleet: fleet, isReady: { isReady($0, now: now) })
            placement.decide(&demand, at: fleet.time)
        }
        let batch = demand.batch
        guard !batch.bindings.isEmpty || !batch.notes.isEmpty else { return }
        let request = RequestID.random(using: &generator)
        let submission = WriteSubmission(request: request, author: identity.key, command: .place(batch))
        do throws(WriteFailure) {
            try proposeNow(submission)
            duties.placement = request
            duties.placementStartedAt = now
        } catch {
            // Decided again from the same, a little later.
            duties.placedRevision = nil
        }
    }

    mutating func placementDecided(_ request: RequestID) {
        if duties?.placement == request { duties?.placement = nil }
        if duties?.news == request { duties?.news = nil }
    }

    /// A learner that has the log becomes a voter.
    private mutating func promoteLearners() {
        guard duties != nil, softState.role == .leader else { return }
        for member in fleet.members where member.role == .learner {
            guard let progress = progress(of: memberID(member.id)), progress.recentActive,
                progress.match.rawValue + 16 >= raft.commitIndex.rawValue
            else { continue }
            let submission = WriteSubmission(
                request: RequestID.random(using: &generator), author: identity.key, command: .promote(id: member.id))
            // It is tried again with every tick.
            try? proposeNow(submission)
            return
        }
    }

    private mutating func tellLiveness() {
        if let sent = duties?.livenessSentAt, now - sent < ReplicaTiming.livenessMilliseconds { return }
        duties?.livenessSentAt = now
        let liveness = Liveness(
            term: raft.term.rawValue, leader: identity.id.rawValue,
            nodes: fleet.members.map { member in
                let id = memberID(member.id)
                let silent = id == identity.id ? 0 : lastHeard[id].map { now - $0 } ?? .max
                return NodeLiveness(
                    id: member.id, silentMilliseconds: silent, roundTripMicroseconds: nil, lag: lag(of: id))
            })
        for member in fleet.members where memberID(member.id) != identity.id {
            effects.append(.send(to: memberID(member.id), .liveness(liveness)))
        }
    }

    /// What consensus knows of a member's log; nil unless this node leads.
    private func progress(of id: NodeID) -> Progress? {
        raft.progress(of: id)
    }

    func lag(of id: NodeID) -> UInt64 {
        guard let progress = progress(of: id), raft.lastIndex > progress.match else { return 0 }
        return UInt64(raft.lastIndex - progress.match)
    }
}
