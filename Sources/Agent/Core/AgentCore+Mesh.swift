import Fleet
import Host
import Journal
import Logging
import Mesh
import Primitives
import Raft
import Reconcile
import Replica
import Synchronization
import Wire

// What comes from the mesh, and whom the mesh speaks to.
extension AgentCore {
    func deliver(_ bytes: [UInt8], from key: PublicKey) {
        guard let node = members.id(of: key) else { return }
        do throws(DecodingFailure) {
            host.post(message: .message(from: node, try PeerMessageCodec.decode(bytes)), bytes: bytes.count)
        } catch {
            guard unreadable.note(from: key, now: SystemClock.now()) else { return }
            logger.warning("dropped an unreadable message", metadata: ["peer": "\(key.short)", "error": "\(error)"])
        }
    }

    /// The mesh has thrown messages to a peer away.
    func dropped(to key: PublicKey) {
        if let node = members.id(of: key) { host.post(.unreachable(node)) }
    }

    /// Tells the replica once a second how its connections are.
    func watchPeers() async {
        while !Task.isCancelled {
            host.post(.peers(peerObservations()))
            // Ends early only by cancellation, which the loop sees.
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// How the connections are at this moment.
    func peerObservations() -> [NodeID: PeerObservation] {
        var observations: [NodeID: PeerObservation] = [:]
        for state in peerStates() {
            guard let id = members.id(of: state.key) else { continue }
            observations[id] = PeerObservation(
                isConnected: state.isConnected, silentMilliseconds: state.silenceMilliseconds)
        }
        return observations
    }

    func peerStates() -> [PeerState] { network.value?.peerStates() ?? [] }
    var listenerCounters: ListenerCounters? { server.value?.counters }
    var journalStatus: JournalThread.Status { journal.status }

    /// Admits and dials whom the cluster names.
    func adoptMembers() {
        adopting.withLock { _ in adoptMembersInTurn() }
    }

    private func adoptMembersInTurn() {
        let (fleet, leader, isCaughtUp) = host.look { ($0.fleet, $0.leader, $0.isCaughtUp) }
        if isCaughtUp, let leader, fleet.member(id: leader.rawValue) != nil { learnedMembers.forget() }
        let learned = learnedMembers.members
        members.update(fleet, learned: learned)
        snapshots.value?.sender.keep(members.ids)
        guard let network = network.value else { return }
        var addresses = fleet.members.map { PeerAddress(key: $0.key, addresses: $0.addresses) }
        let known = Set(addresses.map(\.key))
        addresses += learned.filter { !known.contains($0.key) }
            .map { PeerAddress(key: $0.key, addresses: $0.addresses) }
        network.setPeers(addresses)
        server.value?.recheckAdmissions()
    }
}
