// What a shell may ask for, and time.
extension RaftNode {
    /// One unit of time has passed: a leader may send heartbeats, any other node may start an election.
    public mutating func tick() {
        if isLeader { tickLeader() } else { tickElection() }
    }

    private mutating func tickElection() {
        electionElapsed += 1
        if isPromotable && electionElapsed >= randomizedElectionTicks {
            electionElapsed = 0
            campaign()
        }
    }

    private mutating func tickLeader() {
        heartbeatElapsed += 1
        electionElapsed += 1
        if electionElapsed >= configuration.electionTicks {
            electionElapsed = 0
            if configuration.checkQuorum { checkQuorum() }
            // A transfer that takes longer than an election has failed.
            if isLeader { leadTransferee = nil }
        }
        guard isLeader else { return }
        ageSnapshots()
        guard heartbeatElapsed >= configuration.heartbeatTicks else { return }
        heartbeatElapsed = 0
        broadcastHeartbeat()
    }

    /// Starts an election, through a pre-vote if that is configured.
    public mutating func campaign() {
        startElection(configuration.preVote ? .preElection : .election)
    }

    /// Proposes data for the log; a follower forwards it to the leader.
    ///
    /// A proposal that is not dropped can still get lost; only seeing it applied proves it.
    ///
    /// - Throws: ``RaftError/proposalDropped`` if no leader is known or may be told, in a transfer, and beyond
    ///   what may be appended before it is committed.
    public mutating func propose(_ data: [UInt8]) throws(RaftError) {
        try propose([Entry(term: .zero, index: .zero, data: data)])
    }

    /// Proposes a membership change. If it is refused by the leader, an empty entry takes its place.
    ///
    /// - Throws: As for data.
    public mutating func propose(_ change: ConfChangeV2) throws(RaftError) {
        try propose([Entry(term: .zero, index: .zero, kind: .membership, data: change.encoded())])
    }

    /// Proposes a change of one member.
    ///
    /// - Throws: As for data.
    public mutating func propose(_ change: ConfChange) throws(RaftError) {
        try propose([Entry(term: .zero, index: .zero, kind: .membershipV1, data: change.encoded())])
    }

    /// Proposes several entries that are appended together or not at all; term and index are assigned.
    ///
    /// - Throws: As for data; on a leader ``RaftError/malformedConfChange(_:)`` for an unreadable membership change.
    public mutating func propose(_ entries: [Entry]) throws(RaftError) {
        precondition(!entries.isEmpty, "a proposal without entries")
        try handle(Message(.propose, from: id, to: id, entries: entries))
    }

    /// Asks which index must be applied before a read can be answered; the answer comes as a ``ReadState`` with the
    /// same context, or never: try again after a while.
    public mutating func readIndex(context: [UInt8]) {
        let entry = Entry(term: .zero, index: .zero, data: context)
        handleLocal(Message(.readIndex, from: id, to: id, entries: [entry]))
    }

    /// Asks the leader to hand leadership over; it gives up after an election timeout.
    public mutating func transferLeader(to transferee: NodeID) {
        handleLocal(Message(.transferLeader, from: transferee, to: id))
    }

    /// Makes a follower no longer hold its leader for alive, so that it can grant votes at once.
    public mutating func forgetLeader() {
        handleLocal(Message(.forgetLeader, from: id, to: id))
    }

    /// Tells a leader that the last message to `peer` did not arrive.
    public mutating func reportUnreachable(_ peer: NodeID) {
        handleLocal(Message(.unreachable, from: peer, to: id))
    }

    /// Tells a leader how sending a snapshot to `peer` ended.
    ///
    /// To be called once for every ``Message/Kind/snapshot`` message, whatever became of it: until then `peer` gets
    /// nothing else, unless it acknowledges or ``Configuration/snapshotTicks`` pass.
    public mutating func reportSnapshot(_ peer: NodeID, succeeded: Bool) {
        handleLocal(Message(.snapshotStatus, from: peer, to: id, reject: !succeeded))
    }
}
