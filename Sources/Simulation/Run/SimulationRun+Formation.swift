import Fleet
import Hypervisor
import Journal
import Primitives
import Raft
import Replica

// How a cluster comes to be: one node founds it, the others join with a ticket. Nothing fails yet.
extension SimulationRun {
    mutating func form() throws(Violation) {
        _ = try addHost(id: 1, name: "node-1", key: Self.key(1))
        try start(0)
        let founded = now + Self.formationMilliseconds
        try runUntil(founded) { $0.nodes[0].agent?.replica.isCaughtUp == true }
        try setUp(
            .createTicket(
                TicketGrant(
                    secretHash: Self.ticketHash, expiresAt: WallTime(milliseconds: 4_000_000_000_000),
                    uses: 200)),
            author: Self.administrator)
        for index in 1..<max(1, options.nodes) { try join(index) }
        let formed = now + Self.formationMilliseconds
        let size = options.nodes
        try runUntil(formed) { $0.isFormed(of: size) }
        guard isFormed(of: size) else {
            throw Violation(.convergence, "no cluster of \(size) nodes has formed, without any fault")
        }
        try addSource()
    }

    func isFormed(of size: Int) -> Bool {
        nodes.count == size
            && nodes.allSatisfy { $0.agent?.replica.voterIDs.count == size && $0.agent?.replica.isCaughtUp == true }
    }

    /// A host whose node has never run. Its place is its id less one.
    mutating func addHost(id: UInt64, name: String, key: PublicKey) throws(Violation) -> Int {
        precondition(id == UInt64(nodes.count + 1), "node \(id) joins as host \(nodes.count + 1)")
        let identity = Replica.Identity(id: NodeID(id), key: key, clusterID: Self.clusterID)
        do throws(JournalError) {
            let disk = try SimulatedJournal.blankDisk(
                journalIdentity(identity), founding: id == 1 ? foundingEntry(identity) : nil, saltSeed: seeds.next())
            let machines = SimulatedMachines(
                timing: SimulatedMachines.Timing(
                    startMilliseconds: swarm.startMilliseconds, stopMilliseconds: swarm.stopMilliseconds))
            var node = SimulatedNode(
                identity: identity, name: name, image: disk.image, durable: disk.holds, machines: machines)
            let error = swarm.clockErrorPerMille
            if error > 0 { node.clock.setRate(1000 + operatorChance.within(-error...error), at: now) }
            nodes.append(node)
        } catch {
            throw Violation(.running, "node \(id) can't make its log: \(error)")
        }
        return nodes.count - 1
    }

    func journalIdentity(_ identity: Replica.Identity) -> JournalIdentity {
        JournalIdentity(clusterID: identity.clusterID, nodeID: identity.id, incarnation: 0)
    }

    private func foundingEntry(_ identity: Replica.Identity) -> Entry {
        Replica.foundingEntry(
            Bootstrap(
                clusterID: Self.clusterID,
                member: Bootstrap.Founder(
                    id: identity.id.rawValue, name: nil, key: identity.key, addresses: ["host-1:7001"]),
                adminKey: Self.administrator, adminName: "admin"),
            stamp: WallTime(milliseconds: 1_700_000_000_000), request: RequestID(high: 1, low: 1))
    }

    private mutating func join(_ index: Int) throws(Violation) {
        let key = Self.key(index + 1)
        let join = Join(
            id: UInt64(index + 1), name: nil, key: key, addresses: ["host-\(index + 1):7001"],
            ticketHash: Self.ticketHash, incarnation: UInt64(index + 1))
        try setUp(.join(join), author: key)
        try start(try addHost(id: join.id, name: "node-\(join.id)", key: key))
        let deadline = now + Self.formationMilliseconds
        try runUntil(deadline) { $0.nodes[0].agent?.replica.voterIDs.count == index + 1 }
    }

    /// Has a command applied through the first node, asking again while it takes none.
    mutating func setUp(_ command: Command, author: PublicKey) throws(Violation) {
        for _ in 0..<20 {
            guard let run = nodes[0].agent?.run else { break }
            setUpAnswer = nil
            let waiter = waiter(for: Self.setUpUser, attempt: 0)
            let submission = WriteSubmission(
                request: RequestID.random(using: &userChance), author: author, command: command)
            try feed(.write(waiter, submission), to: run)
            let deadline = now + Self.formationMilliseconds
            try runUntil(deadline) { $0.setUpAnswer != nil }
            if case .success(let outcome) = setUpAnswer {
                if case .refused(let refusals) = outcome {
                    throw Violation(.convergence, "the cluster does not form: \(refusals.map(\.message))")
                }
                return
            }
            let pause = now + 500
            try runUntil(pause) { _ in false }
        }
        throw Violation(.convergence, "the cluster does not form: \(setUpAnswer.map { "\($0)" } ?? "no answer")")
    }

    /// Lets users and faults in.
    mutating func begin() {
        phase = .faults
        // One more keeps sets.
        for number in 0...swarm.users {
            users.append(
                SimulatedUser(
                    number: number, keepsSets: number == swarm.users, generator: userChance.split()))
            schedule(.userActs(number), in: userChance.within(0...1000))
        }
        for strike in schedule.strikes { schedule(.strike(strike), in: strike.afterMilliseconds) }
        schedule(.planAsked, in: planChance.within(0...1000))
        schedule(.endOfFaults, in: options.faultMilliseconds)
    }
}
