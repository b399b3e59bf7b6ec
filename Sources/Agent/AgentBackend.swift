import API
import Fleet
import Host
import Hypervisor
import JSONText
import Manifest
import Mesh
import Primitives
import Raft
import Reconcile
import Replica

/// What the API asks of a node, answered by its replica and, where another node holds what is asked for, by that one.
struct AgentBackend: ClusterBackend {
    let core: AgentCore
    let peers: PeerCalls
    let shutdownRequested: @Sendable (_ stopMachines: Bool) -> Void

    var localNode: LocalNode {
        let name = core.host.look { $0.name } ?? "node-\(core.record.nodeID)"
        return LocalNode(
            id: core.record.nodeID, name: name, key: core.identity.publicKey, addresses: core.ports.addresses,
            version: core.settings.version, clusterID: core.record.clusterID)
    }

    // MARK: Reading

    func standing(of key: PublicKey) -> (role: AccessRole?, isClusterKnown: Bool) {
        core.host.look { ($0.fleet.role(of: key), !$0.fleet.clusterID.isEmpty) }
    }

    func appliedObject(_ key: ObjectKey) -> FleetObject? { core.host.look { $0.fleet[key] } }

    func view(_ consistency: ReadConsistency) async throws(BackendFailure) -> ClusterView {
        if consistency == .linearizable {
            let host = core.host
            switch await core.answers.read({ host.post(.read($0)) }) {
            case .ready: break
            case .noQuorum(let connected, let voters): throw .noQuorum(connected: connected, voters: voters)
            }
        }
        return view(isStale: consistency == .stale)
    }

    private func view(isStale: Bool) -> ClusterView {
        let now = SystemClock.now()
        let trips = roundTrips()
        return core.host.look { replica in
            let fleet = replica.fleet
            let leader = replica.leader
            let leaderName = leader.flatMap { fleet.member(id: $0.rawValue)?.name }
            var liveness: [String: NodeContact] = [:]
            for (name, life) in replica.lives(now: now) {
                let member = fleet.member(name: name)
                liveness[name] = NodeContact(
                    lastHeardMilliseconds: life.silentMilliseconds,
                    roundTripMicroseconds: member.flatMap { trips[$0.key] }, connected: life.isConnected,
                    lag: life.lag, role: role(of: member, leader: leader, life, replica))
            }
            let voters = replica.voterIDs.count
            let connected = replica.connectedVoterCount
            let needed = voters / 2 + 1
            return ClusterView(
                fleet: fleet, now: SystemClock.wallTime(), isStale: isStale,
                leader: leader.map { ClusterLeader(id: $0.rawValue, name: leaderName ?? "node-\($0)") },
                term: replica.term.rawValue, localID: core.record.nodeID,
                commitIndex: replica.commitIndex.rawValue,
                quorum: QuorumView(
                    voters: voters, needed: needed, connected: connected, has: leader != nil && connected >= needed),
                liveness: liveness)
        }
    }

    private func role(
        of member: Member?, leader: NodeID?, _ life: MemberLife, _ replica: borrowing Replica
    ) -> String {
        guard let member else { return "Unknown" }
        if leader?.rawValue == member.id { return "Leader" }
        if member.role == .learner { return "Learner" }
        if member.id == core.record.nodeID, replica.role != .follower { return "Candidate" }
        return life.isReady || leader != nil && life.isConnected ? "Follower" : "Unknown"
    }

    private func roundTrips() -> [PublicKey: Int64] {
        var trips: [PublicKey: Int64] = [:]
        for state in core.peerStates() {
            if let milliseconds = state.roundTripMilliseconds { trips[state.key] = Int64(milliseconds * 1000) }
        }
        return trips
    }

    func waitForRevision(after: UInt64, timeoutMilliseconds: Int64) async -> UInt64 {
        core.revisions.raise(to: core.host.look { $0.fleet.revision })
        return await core.revisions.wait(after: after, milliseconds: timeoutMilliseconds)
    }

    // MARK: Writing

    func write(
        _ mutations: [Mutation], request: RequestID, baseRevision: UInt64?, author: PublicKey
    ) async throws(BackendFailure) -> WriteOutcome {
        // A client that saw nothing yet bases its request on what this node has seen.
        let base = baseRevision ?? core.host.look { $0.fleet.revision }
        let command = Command.write(WriteCommand(request: request, baseRevision: base, mutations: mutations))
        return try outcome(try await propose(command, request: request, author: author))
    }

    func rehearse(
        _ mutations: [Mutation], request: RequestID, baseRevision: UInt64?, author: PublicKey
    ) async throws(BackendFailure) -> Rehearsal {
        var view = try await view(.linearizable)
        let end = view.fleet.rehearse(
            mutations, request: request, baseRevision: baseRevision, author: author, at: view.now)
        return Rehearsal(outcome: try outcome(end), view: view)
    }

    func propose(
        _ command: Command, request: RequestID, author: PublicKey
    ) async throws(BackendFailure) -> CommandOutcome {
        let submission = WriteSubmission(request: request, author: author, command: command)
        let host = core.host
        switch await core.answers.write(request, { host.post(.write($0, submission)) }) {
        case .applied(let outcome): return outcome
        case .noQuorum(let connected, let voters): throw .noQuorum(connected: connected, voters: voters)
        case .tooLarge(let bytes, let limit): throw .tooLarge(bytes: bytes, limit: limit)
        case .unavailable(let why): throw .unavailable("\(why); nothing was recorded")
        case .forbidden(let why): throw .forbidden(why)
        case .outcomeUnknown(let request): throw .outcomeUnknown(request)
        }
    }

    private func outcome(_ outcome: CommandOutcome) throws(BackendFailure) -> WriteOutcome {
        switch outcome {
        case .written(let answer): return .answer(answer)
        case .refused(let refusals): return .refused(refusals)
        case .joined, .done, .batch: throw .invalid("the cluster gave an answer that belongs to another command")
        }
    }

    func restart(_ key: ObjectKey, author: PublicKey) async throws(BackendFailure) {
        let fleet = try await view(.linearizable).fleet
        guard let object = fleet[key] else { throw .notFound("virtualmachines.blixard.dev \"\(key.name)\" not found") }
        guard let node = object.binding?.node else {
            throw .unavailable("\(key.name) is on no node, so there is nothing to restart")
        }
        if node == localNode.name {
            core.host.post(.restart(object.uid))
        } else {
            try refuseToAskOn(key, of: node, for: author, fleet)
            try await peers.restart(key, on: node, fleet)
        }
    }

    /// A member asks the node that holds a machine by what it knows itself. If that is somebody else by what is known
    /// here, one of the two is behind, and asking on could go round in circles.
    private func refuseToAskOn(
        _ key: ObjectKey, of node: String, for author: PublicKey, _ fleet: Fleet
    ) throws(BackendFailure) {
        guard fleet.member(key: author) != nil else { return }
        throw .unavailable(
            "\(key.name) is on \(node) by what \(localNode.name) knows; ask that node, or again in a moment")
    }

    func shutdown(stopMachines: Bool) async {
        shutdownRequested(stopMachines)
    }

    // MARK: State of the node itself

    func readiness() async -> Readiness {
        core.host.look { replica in
            if replica.isHalting { return .notReady("this node is stopping its machines") }
            if replica.leader == nil { return .notReady("no leader is known") }
            if !replica.isCaughtUp { return .notReady("the state has not been confirmed since the node started") }
            return .ready
        }
    }

    func metricsText() async -> String { AgentMetrics(core).text() }

    func observed() async -> JSON {
        let seen = await observations()
        let now = SystemClock.now()
        return core.host.look { replica in
            var json = seen.json(now: now)
            json["node"] = .string(replica.name ?? "")
            json["unknownMachines"] = .array(replica.unknownMachines.map { .string($0.description) })
            return json
        }
    }

    /// What this node sees of its machines, each looked at now. The looks go to the loop as well, but only after they
    /// were taken for the answer: a plan shows what it found, not what was mended meanwhile.
    func observations() async -> NodeObservations {
        var seen = core.host.look { $0.observations(now: SystemClock.now()) }
        let driver = core.driver
        let looks = await withTaskGroup(of: MachineObservation.self) { group in
            for uid in seen.machines.keys { group.addTask { await driver.observe(uid) } }
            var looks: [MachineObservation] = []
            for await look in group { looks.append(look) }
            return looks
        }
        for look in looks {
            seen.machines[look.uid]?.observation = look
            seen.machines[look.uid]?.ageMilliseconds = 0
            core.host.post(.observed(look))
        }
        return seen
    }

    func consoleLog(
        _ key: ObjectKey, offset: Int64?, limit: Int, tailLines: Int?, author: PublicKey
    ) async throws(BackendFailure) -> ConsoleAnswer {
        let fleet = try await view(.stale).fleet
        guard let object = fleet[key] else { throw .notFound("virtualmachines.blixard.dev \"\(key.name)\" not found") }
        guard let node = object.binding?.node else {
            throw .unavailable("\(key.name) is on no node yet, so it has printed nothing")
        }
        guard node == localNode.name else {
            try refuseToAskOn(key, of: node, for: author, fleet)
            return try await peers.consoleLog(key, on: node, fleet, offset: offset, limit: limit, tailLines: tailLines)
        }
        do throws(MachineFailure) {
            return try await console(object.uid, offset: offset, limit: limit, tailLines: tailLines)
        } catch {
            throw .unavailable("the log of \(key.name): \(error.message)")
        }
    }

    private func console(
        _ uid: UID, offset: Int64?, limit: Int, tailLines: Int?
    ) async throws(MachineFailure) -> ConsoleAnswer {
        if let tailLines, offset == nil {
            return try await tail(uid, lines: tailLines, limit: limit)
        }
        let chunk = try await core.driver.consoleLog(uid, offset: offset ?? 0, limit: limit)
        return ConsoleAnswer(bytes: chunk.bytes, nextOffset: chunk.nextOffset)
    }

    /// The last lines, found by reading forward: a console log is bounded by its driver.
    private func tail(_ uid: UID, lines: Int, limit: Int) async throws(MachineFailure) -> ConsoleAnswer {
        var bytes: [UInt8] = []
        var offset: Int64 = 0
        while true {
            let chunk = try await core.driver.consoleLog(uid, offset: offset, limit: max(limit, 1 << 20))
            bytes += chunk.bytes
            offset = chunk.nextOffset
            if bytes.count > limit { bytes.removeFirst(bytes.count - limit) }
            if chunk.bytes.isEmpty { break }
        }
        var wanted = lines
        var start = bytes.count
        if bytes.last == UInt8(ascii: "\n") { wanted += 1 }
        while start > 0 {
            if bytes[start - 1] == UInt8(ascii: "\n") {
                wanted -= 1
                if wanted <= 0 { break }
            }
            start -= 1
        }
        return ConsoleAnswer(bytes: Array(bytes[start...]), nextOffset: offset)
    }
}
