import Fleet
import Hypervisor
import Journal
import Primitives
import Raft
import Replica

// How a cluster comes to be: one node founds it, the others join with a ticket. Nothing fails yet.
extension SimulationRun {
    mutating func form() throws(Violation) {
        for index in 0..<options.nodes { try addHost(index) }
        try start(0)
        let founded = now + Self.formationMilliseconds
        try runUntil(founded) { $0.nodes[0].agent?.replica.isCaughtUp == true }
        try setUp(
            .createTicket(
                TicketGrant(
                    secretHash: Self.ticketHash, expiresAt: WallTime(milliseconds: 4_000_000_000_000),
                    uses: options.nodes)),
            author: Self.administrator)
        for index in 1..<max(1, options.nodes) { try join(index) }
        let formed = now + Self.formationMilliseconds
        let size = options.nodes
        try runUntil(formed) { run in
            run.nodes.allSatisfy { $0.agent?.replica.voterIDs.count == size && $0.agent?.replica.isCaughtUp == true }
        }
        guard nodes.allSatisfy({ $0.agent?.replica.isCaughtUp == true }) else {
            throw Violation(.convergence, "the cluster did not form, without any fault")
        }
    }

    private mutating func addHost(_ index: Int) throws(Violation) {
        let identity = Replica.Identity(
            id: NodeID(UInt64(index + 1)), key: Self.key(index + 1), clusterID: Self.clusterID)
        let founding = index == 0 ? foundingEntry(identity) : nil
        do throws(JournalError) {
            let image = try SimulatedJournal.blankDisk(
                journalIdentity(identity), founding: founding, saltSeed: seeds.next())
            nodes.append(
                SimulatedNode(
                    identity: identity, image: image,
                    machines: SimulatedMachines(
                        timing: SimulatedMachines.Timing(
                            startMilliseconds: swarm.startMilliseconds, stopMilliseconds: swarm.stopMilliseconds))))
        } catch {
            throw Violation(.running, "node \(identity.id) can't make its log: \(error)")
        }
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
        let identity = nodes[index].identity
        try setUp(
            .join(
                Join(
                    id: identity.id.rawValue, name: nil, key: identity.key, addresses: ["host-\(index + 1):7001"],
                    ticketHash: Self.ticketHash)),
            author: identity.key)
        try start(index)
        let deadline = now + Self.formationMilliseconds
        try runUntil(deadline) { $0.nodes[0].agent?.replica.voterIDs.count == index + 1 }
    }

    /// Has a command applied through the first node, asking again while it takes none.
    private mutating func setUp(_ command: Command, author: PublicKey) throws(Violation) {
        for _ in 0..<20 {
            guard let run = nodes[0].agent?.run else { break }
            setUpAnswer = nil
            let waiter = waiter(for: Self.setUpUser, attempt: 0)
            let submission = WriteSubmission(
                request: RequestID.random(using: &userChance), author: author, command: command)
            try feed(.write(waiter, submission), to: run)
            let deadline = now + Self.formationMilliseconds
            try runUntil(deadline) { $0.setUpAnswer != nil }
            if case .applied(let outcome) = setUpAnswer {
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

    mutating func waiter(for user: Int, attempt: UInt64) -> Waiter {
        nextWaiter += 1
        let waiter = Waiter(nextWaiter)
        waiters[waiter] = (user, attempt)
        return waiter
    }

    /// Lets users and faults in.
    mutating func begin() {
        phase = .faults
        for number in 0..<swarm.users {
            users.append(SimulatedUser(number: number, generator: userChance.split()))
            schedule(.userActs(number), in: userChance.within(0...1000))
        }
        if !swarm.strikes.isEmpty { schedule(.strike, in: faultChance.within(0...swarm.strikeEveryMilliseconds)) }
        schedule(.endOfFaults, in: options.faultMilliseconds)
    }
}
