import API
import Contract
import Fleet
import Host
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
            id: core.record.nodeID, name: name, key: core.identity.publicKey, addresses: core.addresses,
            version: core.settings.version, clusterID: core.record.clusterID)
    }

    // MARK: Reading

    func standing(of key: PublicKey) -> (role: AccessRole?, isClusterKnown: Bool) {
        core.host.look { ($0.fleet.role(of: key), !$0.fleet.clusterID.isEmpty) }
    }

    func appliedObject(_ key: ObjectKey) -> FleetObject? { core.host.look { $0.fleet[key] } }

    func view(_ consistency: ReadConsistency) async throws(APIStatus) -> ClusterView {
        if consistency == .linearizable {
            let host = core.host
            switch await core.answers.read({ host.post(.read($0)) }) {
            case .ready: break
            case .noQuorum(let connected, let voters):
                throw APIStatus(WriteFailure.noQuorum(connected: connected, voters: voters))
            }
        }
        return view(isStale: consistency == .stale)
    }

    private func view(isStale: Bool) -> ClusterView {
        let now = SystemClock.now()
        let trips = roundTrips()
        let (fleet, standing) = core.host.look { ($0.fleet, $0.standing(now: now)) }
        let leader = standing.leader.map { id in
            ClusterLeader(id: id.rawValue, name: fleet.member(id: id.rawValue)?.name ?? "node-\(id)")
        }
        var liveness: [String: NodeContact] = [:]
        for (name, member) in standing.members {
            liveness[name] = NodeContact(
                lastHeardMilliseconds: member.life.silentMilliseconds,
                roundTripMicroseconds: fleet.member(name: name).flatMap { trips[$0.key] },
                connected: member.life.isConnected, lag: member.life.lag, role: member.role.rawValue)
        }
        let quorum = standing.quorum
        return ClusterView(
            fleet: fleet, now: SystemClock.wallTime(), isStale: isStale, leader: leader, term: standing.term.rawValue,
            localID: core.record.nodeID, commitIndex: standing.commitIndex.rawValue,
            quorum: QuorumView(
                voters: quorum.voters, needed: quorum.needed, connected: quorum.connected, has: quorum.has),
            liveness: liveness)
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
        _ change: DesiredChange, request: RequestID, baseRevision: UInt64?, author: PublicKey
    ) async throws(APIStatus) -> WriteAnswer {
        // A client that saw nothing yet bases its request on what this node has seen.
        let base = baseRevision ?? core.host.look { $0.fleet.revision }
        let command = Command.write(WriteCommand(request: request, baseRevision: base, change: change))
        return try answer(try await propose(command, request: request, author: author))
    }

    func rehearse(
        _ change: DesiredChange, request: RequestID, baseRevision: UInt64?, author: PublicKey
    ) async throws(APIStatus) -> Rehearsal {
        var view = try await view(.linearizable)
        let end = view.fleet.rehearse(
            change, request: request, baseRevision: baseRevision, author: author, at: view.now)
        return Rehearsal(answer: try answer(end), view: view)
    }

    func propose(
        _ command: Command, request: RequestID, author: PublicKey
    ) async throws(APIStatus) -> CommandOutcome {
        do throws(WriteFailure) {
            return try await submit(command, request: request, author: author).get()
        } catch {
            throw APIStatus(error)
        }
    }

    /// Has a command put into the log, and waits for what comes of it.
    func submit(_ command: Command, request: RequestID, author: PublicKey) async -> WriteResult {
        let submission = WriteSubmission(request: request, author: author, command: command)
        let host = core.host
        return await core.answers.write(request, { host.post(.write($0, submission)) })
    }

    private func answer(_ outcome: CommandOutcome) throws(APIStatus) -> WriteAnswer {
        switch outcome {
        case .written(let answer): return answer
        case .refused(let refusals): throw APIStatus(refusals)
        case .joined, .done, .batch:
            throw APIStatus(.internalError, "the cluster gave an answer that belongs to another command")
        }
    }

    func shutdown(stopMachines: Bool) async {
        shutdownRequested(stopMachines)
    }

    // MARK: State of the node itself

    func readiness() async -> Readiness {
        core.host.look { replica in
            if let problem = replica.unreadiness { return .notReady(problem) }
            return .ready
        }
    }

    func metricsText() async -> String { AgentMetrics(core).text() }
}
