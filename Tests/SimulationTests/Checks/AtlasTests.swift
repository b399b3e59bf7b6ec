import Raft
import Testing

@testable import Simulation

@Suite("The fault atlas")
struct AtlasTests {
    @Test("the fault atlas permits damage to a minority of every membership, and to no more")
    func minorities() {
        var atlas = FaultAtlas()
        let three = [[NodeID(1), NodeID(2), NodeID(3)]]
        #expect(!atlas.permits(NodeID(1), memberships: [[NodeID(1)]]))
        #expect(!atlas.permits(NodeID(1), memberships: [[NodeID(1), NodeID(2)]]))
        #expect(atlas.permits(NodeID(1), memberships: three))
        atlas.damage(NodeID(1))
        #expect(atlas.permits(NodeID(1), memberships: three))
        #expect(!atlas.permits(NodeID(2), memberships: three))
        #expect(atlas.permits(NodeID(2), memberships: [(1...5).map { NodeID($0) }]))
        // One membership that can't bear it is enough.
        #expect(!atlas.permits(NodeID(2), memberships: [(1...5).map { NodeID($0) }] + three))
        // A removal may not leave the damaged in the majority.
        #expect(!atlas.permitsRemoval(leaving: [[NodeID(1), NodeID(2)]]))
        #expect(atlas.permitsRemoval(leaving: [[NodeID(2), NodeID(3)]]))
        atlas.clear(NodeID(1))
        #expect(atlas.permits(NodeID(2), memberships: three))
    }
}
