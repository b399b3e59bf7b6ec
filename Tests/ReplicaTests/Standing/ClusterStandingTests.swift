import Fleet
import Primitives
import Raft
import Testing

@testable import Replica

@Suite("How the cluster stands")
struct ClusterStandingTests {
    private static func member(_ role: Member.Role = .voter) -> Member {
        Member(
            id: 2, name: "node-2", key: SmallCluster.key(2), addresses: ["h:1"], role: role,
            joinedAt: WallTime(milliseconds: 0), level: 1, incarnation: 0)
    }

    private static func life(isConnected: Bool, isReady: Bool) -> MemberLife {
        MemberLife(silentMilliseconds: nil, isConnected: isConnected, lag: nil, isReady: isReady)
    }

    @Test(
        "a member's role follows the leader that is known, then the membership, then what the node is itself",
        arguments: [
            (leader: 2, role: Member.Role.voter, own: Role?.none, expected: MemberRole.leader),
            (leader: 2, role: .voter, own: .leader, expected: .leader),
            (leader: 1, role: .learner, own: nil, expected: .learner),
            (leader: 1, role: .learner, own: .candidate, expected: .learner),
            (leader: nil, role: .voter, own: .candidate, expected: .candidate),
            (leader: nil, role: .voter, own: .preCandidate, expected: .candidate),
            (leader: 1, role: .voter, own: .follower, expected: .follower),
        ] as [(UInt64?, Member.Role, Role?, MemberRole)])
    func roles(leader: UInt64?, role: Member.Role, own: Role?, expected: MemberRole) {
        let told = MemberRole(
            of: Self.member(role), leader: leader.map { NodeID($0) },
            life: Self.life(isConnected: true, isReady: true), ownRole: own)
        #expect(told == expected)
    }

    @Test("a voter of which nothing is heard is of unknown role, and so is one that is only connected while none leads")
    func unknown() {
        func role(leader: UInt64?, isConnected: Bool, isReady: Bool) -> MemberRole {
            MemberRole(
                of: Self.member(), leader: leader.map { NodeID($0) },
                life: Self.life(isConnected: isConnected, isReady: isReady), ownRole: nil)
        }
        #expect(role(leader: 1, isConnected: false, isReady: false) == .unknown)
        #expect(role(leader: nil, isConnected: true, isReady: false) == .unknown)
        #expect(role(leader: 1, isConnected: true, isReady: false) == .follower)
        #expect(role(leader: nil, isConnected: false, isReady: true) == .follower)
    }

    @Test("a quorum is more than half of the voters, and needs a leader")
    func quorum() {
        for (voters, needed) in [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3)] {
            for connected in 0...voters {
                let quorum = QuorumStanding(voters: voters, connected: connected, hasLeader: true)
                #expect(quorum.needed == needed && quorum.has == (connected >= needed))
                #expect(!QuorumStanding(voters: voters, connected: connected, hasLeader: false).has)
            }
        }
    }

    @Test("every node of a cluster tells the same leader, and each member's role")
    func told() {
        var cluster = SmallCluster(size: 3)
        for _ in 0..<20 { cluster.tick() }
        for (id, node) in cluster.nodes {
            let standing = node.replica.standing(now: cluster.now)
            #expect(standing.leader != nil, "\(id)")
            #expect(standing.quorum.voters == 3 && standing.quorum.needed == 2)
            let roles = standing.members.values.map(\.role)
            #expect(roles.count == 3 && roles.count { $0 == .leader } == 1)
            #expect(roles.allSatisfy { $0 == .leader || $0 == .follower }, "\(id): \(roles)")
        }
    }
}
