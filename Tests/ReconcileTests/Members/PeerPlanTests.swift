import Fleet
import JSONText
import Manifest
import Primitives
import Reconcile
import Testing

@Suite("What is left to do about other nodes")
struct PeerPlanTests {
    static let admin = PublicKey([UInt8](repeating: 1, count: 32))!

    static func key(_ id: UInt64) -> PublicKey { PublicKey([UInt8](repeating: UInt8(id + 1), count: 32))! }

    /// Two members, the second of which reported about its hypervisor, and a node that is only described.
    func fleet(hypervisor: Condition.Status) -> Fleet {
        var fleet = Fleet()
        func apply(_ command: Command, by author: PublicKey) {
            _ = fleet.apply(
                CommandEnvelope(stamp: WallTime(milliseconds: 1_700_000_000_000), author: author, command: command),
                index: fleet.appliedIndex + 1)
        }
        apply(
            .bootstrap(
                Bootstrap(
                    clusterID: "c",
                    member: Bootstrap.Founder(id: 1, name: nil, key: Self.key(1), addresses: ["a:1"]),
                    adminKey: Self.admin, adminName: "admin")),
            by: Self.admin)
        let hash = [UInt8](repeating: 7, count: 32)
        apply(
            .createTicket(
                TicketGrant(secretHash: hash, expiresAt: WallTime(milliseconds: 2_000_000_000_000), uses: 1)),
            by: Self.admin)
        apply(
            .join(Join(id: 2, name: nil, key: Self.key(2), addresses: ["b:1"], ticketHash: hash, incarnation: 1)),
            by: Self.key(2))
        let room = NodeResources(cpus: 8, memoryBytes: 8 << 30)
        let status = NodeStatus(
            raftID: 2, publicKey: Self.key(2), addresses: ["b:1"], role: .voter, version: "1", capacity: room,
            allocatable: room, accelerator: nil,
            conditions: [
                Condition(
                    type: "HypervisorAvailable", status: hypervisor, reason: "r", message: "QEMU is not installed",
                    observedGeneration: 1, lastTransitionTime: fleet.time)
            ])
        apply(
            .report(
                NodeReport(
                    member: 2, sequence: 1, nodeStatus: status.json.canonicalBytes, machines: [], images: [],
                    events: [])),
            by: Self.key(2))
        let put = Put(
            key: ObjectKey(kind: "Node", namespace: "", name: "node-9"), labels: [:], annotations: [:],
            spec: JSON.object([:]).canonicalBytes, precondition: .none, requiredNode: nil)
        let machine = Put(
            key: ObjectKey(kind: "VirtualMachine", namespace: "default", name: "web"), labels: [:], annotations: [:],
            spec: JSON.object([:]).canonicalBytes, precondition: .none, requiredNode: nil)
        apply(
            .write(
                WriteCommand(
                    request: RequestID(high: 0, low: 1), baseRevision: fleet.revision,
                    mutations: [.put(put), .put(machine)])),
            by: Self.admin)
        return fleet
    }

    func steps(_ fleet: Fleet, connected: Bool) -> [String] {
        planPeers(
            fleet, local: "node-1",
            peers: ["node-2": PeerObservation(isConnected: connected, silentMilliseconds: 42_000)]
        ).map { "\($0.key.name) \($0.action.rawValue): \($0.reason)" }
    }

    @Test("a node that has not joined, is not connected, or runs no machines is named with what is done about it")
    func peers() {
        let joining = "node-9 await-join: node-9 has not joined; start it with a ticket from `blixard ticket create`"
        #expect(steps(fleet(hypervisor: .true), connected: true) == [joining])
        #expect(
            steps(fleet(hypervisor: .true), connected: false)
                == ["node-2 dial: not connected (b:1), last heard 42s ago", joining])
        #expect(
            steps(fleet(hypervisor: .false), connected: true)
                == ["node-2 leave: it runs no machines: QEMU is not installed", joining])
    }

    @Test("a machine goes to no node without a hypervisor, and is told why")
    func placement() {
        let able = fleet(hypervisor: .true)
        var placement = Placement(fleet: able) { _ in true }
        #expect(placement.decide(able).bindings.map(\.node) == ["node-2"])
        let unable = fleet(hypervisor: .false)
        placement = Placement(fleet: unable) { _ in true }
        let batch = placement.decide(unable)
        #expect(batch.bindings.isEmpty)
        let note = batch.notes.first.flatMap { try? VirtualMachineStatus(canonical: $0.status) }
        #expect(
            note?.conditions["Scheduled"]?.message
                == "0/2 nodes are available: 1 not reported yet, 1 without a hypervisor")
    }
}
