import Primitives
import Raft
import Reconcile
import Testing
import Wire

@testable import Replica

@Suite("Which members a node hears")
struct PeerLivenessTests {
    private let now = PartValues.now
    private let own = NodeID(1)
    private let peer = NodeID(2)
    private var fresh: PeerLiveness { PeerLiveness(own: own) }

    @Test("a new leader is patient with the silent, and gives them no machines")
    func elected() {
        var liveness = fresh
        liveness.heard(peer, at: now)
        liveness.elected([own, peer], at: now)
        #expect(!liveness.isReady(peer, at: now))
        #expect(!liveness.isSilent(peer, at: now))
        #expect(!liveness.answers(peer, at: now))
        liveness.heard(peer, at: now)
        #expect(liveness.isReady(peer, at: now))
        #expect(liveness.answers(peer, at: now))
        let later = now + NodeLife.silenceMilliseconds
        #expect(!liveness.isReady(peer, at: later))
        #expect(liveness.isSilent(peer, at: later))
    }

    @Test("a node is never silent to itself")
    func itself() {
        #expect(fresh.isReady(own, at: now))
        #expect(!fresh.isSilent(own, at: now))
        #expect(fresh.silence(of: own, seenBy: SoftState(leader: nil, role: .follower), at: now) == 0)
        #expect(fresh.connectedCount(of: [own, peer]) == 1)
        #expect(!fresh.mayTakeOver(own))
    }

    @Test("a lost connection makes a member no receiver of machines or leadership, though it was heard just now")
    func disconnected() {
        var liveness = fresh
        liveness.heard(peer, at: now)
        liveness.connected([peer: PeerObservation(isConnected: false, silentMilliseconds: 0)])
        #expect(!liveness.isReady(peer, at: now))
        #expect(!liveness.mayTakeOver(peer))
        liveness.connected([peer: PeerObservation(isConnected: true, silentMilliseconds: 0)])
        #expect(liveness.isReady(peer, at: now))
        #expect(liveness.mayTakeOver(peer))
        #expect(liveness.connectedCount(of: [own, peer]) == 2)
    }

    @Test("only the leader itself tells of the members, and a follower adds the time since then")
    func told() {
        var liveness = fresh
        let told = Liveness(
            term: 1, leader: 2,
            nodes: [
                NodeLiveness(id: 3, silentMilliseconds: 500, roundTripMicroseconds: nil, lag: 4),
                NodeLiveness(id: 4, silentMilliseconds: .max, roundTripMicroseconds: nil, lag: 0),
            ])
        let follower = SoftState(leader: peer, role: .follower)
        liveness.told(told, by: NodeID(3), at: now)
        #expect(liveness.toldLag(of: NodeID(3)) == nil)
        liveness.told(told, by: peer, at: now)
        #expect(liveness.toldLag(of: NodeID(3)) == 4)
        #expect(liveness.silence(of: NodeID(3), seenBy: follower, at: now + 100) == 600)
        #expect(liveness.silence(of: NodeID(4), seenBy: follower, at: now) == nil)
        // A leader goes by what it hears itself.
        #expect(liveness.silence(of: NodeID(3), seenBy: SoftState(leader: own, role: .leader), at: now) == nil)
    }

    @Test("a leader tells how long it has heard nothing of each member, and how far each is behind")
    func tells() {
        var liveness = fresh
        liveness.heard(peer, at: now)
        let told = liveness.liveness(
            of: [own, peer, NodeID(3)], in: Term(5), lag: { $0.rawValue * 10 }, at: now + 70)
        #expect(told.term == 5)
        #expect(told.leader == 1)
        #expect(told.nodes.map(\.silentMilliseconds) == [0, 70, .max])
        #expect(told.nodes.map(\.lag) == [10, 20, 30])
    }
}
