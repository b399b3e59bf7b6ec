import Fleet
import JSONText
import Manifest
import Primitives
import Raft
import Replica
import Testing

@Suite("Where what is asked of a machine is answered")
struct MachineRouteTests {
    private static let web = ReplicaTests.key("web")

    /// The state of a cluster of two with this machine, and the names of the node that holds it and of the other one.
    private func placed(_ spec: JSON) throws -> (fleet: Fleet, holder: String, other: String) {
        var cluster = SmallCluster(size: 2)
        _ = cluster.write(ReplicaTests.write([ReplicaTests.put("web", spec)], 1))
        for _ in 0..<20 { cluster.tick() }
        let fleet = try #require(cluster.nodes[NodeID(1)]).replica.fleet
        let holder = fleet[Self.web]?.binding?.node ?? "node-1"
        return (fleet, holder, holder == "node-1" ? "node-2" : "node-1")
    }

    @Test("a request for a bound machine or its log is for the node that holds it, which a user's node asks")
    func bound() throws {
        let (fleet, holder, other) = try placed([:])
        let machine = try #require(fleet[Self.web])
        let user = SmallCluster.admin
        #expect(MachineRoute.ofRequest(for: Self.web, by: user, at: holder, in: fleet) == .here(machine))
        #expect(MachineRoute.ofLog(of: Self.web, by: user, at: holder, in: fleet) == .here(machine))
        #expect(MachineRoute.ofRequest(for: Self.web, by: user, at: other, in: fleet) == .ask(node: holder))
        #expect(MachineRoute.ofLog(of: Self.web, by: user, at: other, in: fleet) == .ask(node: holder))
    }

    @Test("a member's question about a machine is not passed on to a third node")
    func member() throws {
        let (fleet, holder, other) = try placed([:])
        let (machine, member) = (try #require(fleet[Self.web]), SmallCluster.key(2))
        #expect(MachineRoute.ofRequest(for: Self.web, by: member, at: holder, in: fleet) == .here(machine))
        #expect(MachineRoute.ofRequest(for: Self.web, by: member, at: other, in: fleet) == .disagreed(node: holder))
        #expect(MachineRoute.ofLog(of: Self.web, by: member, at: other, in: fleet) == .disagreed(node: holder))
    }

    @Test("a machine that is not there has no route")
    func missing() throws {
        let (fleet, holder, _) = try placed([:])
        let other = ReplicaTests.key("other")
        #expect(MachineRoute.ofRequest(for: other, by: SmallCluster.admin, at: holder, in: fleet) == .missing)
        #expect(MachineRoute.ofLog(of: other, by: SmallCluster.admin, at: holder, in: fleet) == .missing)
    }

    @Test("a request for a machine that was just created waits for its place, and the machine has printed nothing")
    func undecided() throws {
        var (fleet, holder, _) = try placed([:])
        let new = ReplicaTests.key("new")
        _ = fleet.apply(
            CommandEnvelope(
                stamp: WallTime(milliseconds: 1_700_000_100_000), author: SmallCluster.admin,
                command: ReplicaTests.write([ReplicaTests.put("new")], 2)),
            index: fleet.appliedIndex + 1)
        #expect(MachineRoute.ofRequest(for: new, by: SmallCluster.admin, at: holder, in: fleet) == .undecided)
        #expect(
            MachineRoute.ofLog(of: new, by: SmallCluster.admin, at: holder, in: fleet)
                == .unbound("new is on no node yet, so it has printed nothing"))
    }

    @Test("a machine that never runs is on no node, and the reason is told")
    func unbound() throws {
        let (fleet, holder, _) = try placed(["runStrategy": "Halted"])
        #expect(fleet[Self.web]?.binding == nil)
        guard
            case .unbound(let refusal) = MachineRoute.ofRequest(
                for: Self.web, by: SmallCluster.admin, at: holder, in: fleet)
        else {
            Issue.record("it has a route")
            return
        }
        #expect(refusal.hasPrefix("the runStrategy of web is Halted"))
    }
}
