import Fleet
import Primitives
import Raft
import Wire

// Routes of writes, reads and the leader's duties.
extension Replica {
    // MARK: Writes

    /// - Parameter waiter: What is to be answered; nil for the node's own reports.
    mutating func submit(_ submission: WriteSubmission, for waiter: Waiter?) {
        let noLeader: WriteFailure? = consensus.softState.leader == nil ? .noQuorum(of: self) : nil
        let isNew = writes.submit(
            submission, for: waiter, in: fleet, isCaughtUp: machines.isCaughtUp, noLeader: noLeader, at: now,
            effects: &effects)
        if isNew { handOver(submission.request) }
    }

    /// Gives a pending write to the leader, if there is one.
    mutating func handOver(_ request: RequestID) {
        guard let leader = consensus.softState.leader else { return }
        let own = writes.handOver(request, to: leader, in: consensus.term, effects: &effects)
        if let own { take(own, from: .here) }
    }

    /// What is open and not with the present leader goes to it; a request is applied once however often it is handed
    /// on.
    mutating func handOverOpenWrites() {
        guard consensus.softState.leader != nil else { return }
        for request in writes.open { handOver(request) }
    }

    /// Another node hands a write on.
    mutating func forwarded(_ proposal: ForwardedProposal, from node: NodeID) {
        let submission = WriteSubmission(
            request: proposal.request, author: proposal.author, command: proposal.command)
        // That node sees it applied, or has by now.
        guard Writes.keptAnswer(to: submission, in: fleet) == nil else { return }
        take(submission, from: .member(node))
    }

    /// Lays a command ready for the log, or tells the node that it is from why not.
    private mutating func take(_ submission: WriteSubmission, from origin: ProposalBatch.Origin) {
        do throws(WriteFailure) {
            // Leadership may have ended with a message that came together with the write; then another takes it.
            guard consensus.isLeader else { throw .notLeader }
            let admitted = try admit(submission, from: origin)
            try writes.take(
                admitted, from: origin, into: &consensus, duties: &duties, at: moment, effects: &effects)
        } catch {
            writes.turnAway(submission.request, from: origin, error, effects: &effects)
        }
    }

    private func admit(
        _ submission: WriteSubmission, from origin: ProposalBatch.Origin
    ) throws(WriteFailure) -> WriteSubmission {
        try Admission.admit(
            submission, from: origin, in: fleet,
            members: Admission.Members(
                voters: { consensus.voters }, answers: { liveness.answers($0, at: moment.now) }),
            by: identity.key, stamp: moment.wall)
    }

    // MARK: Reads

    mutating func startReadRound() {
        guard consensus.softState.leader != nil else {
            fail(reads.giveUp())
            return
        }
        guard let context = reads.startRound(at: now) else { return }
        consensus.askForReadIndex(context)
        drainLog()
    }

    mutating func releaseReads() {
        for (reader, index) in reads.release(through: LogIndex(fleet.appliedIndex)) {
            switch reader {
            case .caller(let waiter): effects.append(.readable(waiter, .ready))
            case .machineLoop:
                machines.caughtUp(at: now)
                effects.notice(.caughtUp(index: index))
                // From now on the state alone says who is a member.
                effects.append(.membersChanged)
            }
        }
    }

    mutating func fail(_ readers: [Reads.Reader]) {
        for reader in readers {
            switch reader {
            case .caller(let waiter):
                effects.append(
                    .readable(waiter, .noQuorum(connected: connectedVoterCount, voters: consensus.voters.count)))
            case .machineLoop: machines.catchUpFailed()
            }
        }
    }

    // MARK: Leader's duties

    mutating func beginDuties() {
        if duties?.term != consensus.term { duties = LeaderDuties(term: consensus.term) }
    }

    mutating func dutiesTick() {
        guard duties?.membershipTick(at: moment.now) == true, consensus.softState.role == .leader,
            let promotion = duties?.promotion(
                in: fleet, consensus: consensus, by: identity.key, generator: &generator)
        else { return }
        // It is tried again with every tick.
        try? propose(promotion)
    }

    mutating func performDuties() {
        guard duties != nil, consensus.softState.role == .leader else { return }
        place()
        tellNodeEvents()
        followSources()
        tellLiveness()
    }

    private mutating func place() {
        let ready = fleet.members.filter { liveness.isReady(NodeID($0.id), at: moment.now) }.map(\.name)
        guard
            let batch = duties?.placing.place(
                in: fleet, ready: ready, by: identity.key, at: moment.now, generator: &generator)
        else { return }
        do throws(WriteFailure) {
            try propose(batch)
            duties?.placing.proposed(batch.request, at: moment.now)
        } catch {
            duties?.placing.notTaken()
        }
    }

    private mutating func tellNodeEvents() {
        guard
            let events = duties?.nodeEvents.tell(
                in: fleet, liveness: liveness, term: consensus.term, by: identity.key, at: moment.now,
                generator: &generator)
        else { return }
        do throws(WriteFailure) {
            try propose(events)
            duties?.nodeEvents.proposed(events.request)
        } catch {
            // It is told with the next look.
        }
    }

    private mutating func followSources() {
        duties?.sources.follow(fleet, at: moment.now)
        while let wish = duties?.sources.next(in: fleet, at: moment, generator: &generator, effects: &effects) {
            do throws(WriteFailure) {
                try writes.propose(
                    own: wish.command, as: wish.request, into: &consensus, at: moment, effects: &effects)
                duties?.sources.proposed(wish, at: moment.now)
            } catch {
                duties?.sources.notTaken(wish, error, at: moment.now)
            }
        }
    }

    mutating func wantSource(_ name: String, _ request: RequestID, for waiter: Waiter) {
        guard duties != nil, consensus.softState.role == .leader else {
            effects.append(.sourceAnswered(waiter, .notLeader))
            return
        }
        duties?.sources.follow(fleet, at: moment.now)
        let verdict = duties?.sources.want(name, request: request, at: moment.now) ?? .notLeader
        effects.append(.sourceAnswered(waiter, verdict))
    }

    private mutating func tellLiveness() {
        guard duties?.takeLivenessDue(at: moment.now) == true else { return }
        let members = fleet.members.map { NodeID($0.id) }
        let told = liveness.liveness(
            of: members, in: consensus.term, lag: { consensus.lag(of: $0) }, at: moment.now)
        for member in members where member != identity.id { effects.append(.send(to: member, .liveness(told))) }
    }

    private mutating func propose(_ submission: WriteSubmission) throws(WriteFailure) {
        try writes.propose(submission, into: &consensus, duties: &duties, at: moment, effects: &effects)
    }
}

extension WriteFailure {
    fileprivate static func noQuorum(of replica: Replica) -> WriteFailure {
        .noQuorum(connected: replica.connectedVoterCount, voters: replica.consensus.voters.count)
    }
}
