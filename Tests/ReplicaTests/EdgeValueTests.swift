import EdgeValues
import Fleet
import JSONText
import Manifest
import Primitives
import Raft
import Reconcile
import Replica
import Testing

/// What decoders can deliver, whoever sent it: validation stands before all this, and it must not be needed.
@Suite("Committed entries with values at their ends")
struct EdgeValueTests {
    private static let machines = (0..<6).map { "vm-\($0)" }

    /// A cluster of three whose machines are bound and run.
    private func cluster() -> SmallCluster {
        var cluster = SmallCluster(size: 3)
        _ = cluster.write(ReplicaTests.write(Self.machines.map { ReplicaTests.put($0) }, 1))
        cluster.run { cluster in Self.machines.allSatisfy { phase(cluster, $0) == .running } }
        return cluster
    }

    private func phase(_ cluster: SmallCluster, _ name: String) -> MachinePhase? {
        cluster.nodes[NodeID(1)]?.replica.fleet[ReplicaTests.key(name)]
            .flatMap { try? VirtualMachineStatus(canonical: $0.status) }?.phase
    }

    /// Lets every loop run, makes the cluster's plan, and starts every node anew from its log.
    private func expectSound(_ cluster: inout SmallCluster, _ what: String) throws {
        for _ in 0..<20 { cluster.tick() }
        #expect(cluster.stopped == [], "\(what)")
        for id in cluster.nodes.keys.sorted() {
            let fleet = try #require(cluster.nodes[id]).replica.fleet
            let basis = PlanBasis(
                fleet: fleet, local: "node-1", ready: Set(fleet.members.map(\.name)), peers: [:])
            _ = basis.actions(nodes: [:], now: cluster.now)
            #expect(try Fleet(snapshot: fleet.encodeSnapshot()).stateHash == fleet.stateHash, "\(what)")
            cluster.restart(id.rawValue)
        }
        cluster.run { $0.leader != nil && $0.nodes.values.allSatisfy { $0.replica.isCaughtUp } }
        for _ in 0..<20 { cluster.tick() }
        #expect(Set(cluster.nodes.values.map { $0.replica.stateHash }).count == 1, "\(what)")
        #expect(cluster.stopped == [], "\(what)")
    }

    @Test("specs of every edge end no replica, bound or not, also after a restart")
    func specs() throws {
        var cluster = cluster()
        let edges = EdgeDocuments.all
        // As many in one entry as there are machines that run, so that each entry changes each of them once.
        for start in stride(from: 0, to: edges.count, by: Self.machines.count) {
            let puts = (start..<min(start + Self.machines.count, edges.count)).flatMap { position in
                Self.puts(edges[position], at: position)
            }
            _ = cluster.write(ReplicaTests.write(puts, UInt64(100 + start)))
        }
        try expectSound(&cluster, "specs")
    }

    /// The edge's spec for a machine that runs and for one that nobody has placed yet; for one object of other kinds.
    private static func puts(_ edge: EdgeDocument, at position: Int) -> [Mutation] {
        let spec = (edge.document["spec"] ?? .null).canonicalBytes
        let names =
            edge.kind == .virtualMachine
            ? [machines[position % machines.count], "new-\(position)"] : ["o-\(position)"]
        return names.map { name in
            .put(
                Put(
                    key: edge.kind.key(namespace: "default", name: name), labels: [:], annotations: [:], spec: spec,
                    precondition: .none, requiredNode: nil))
        }
    }

    @Test("reports, notes and deletions of every edge end no replica")
    func commands() throws {
        var cluster = cluster()
        var number: UInt64 = 100
        let statuses: [JSON] = [
            nil, [], 7, "x", ["restarts": .integer(.max), "startedAt": "2020-01-01T00:00:00Z"],
            ["epoch": .integer(.max), "observedGeneration": .integer(.min), "pid": .integer(.max)],
            ["conditions": .array(Array(repeating: 1, count: 100))], ["startedAt": "9999-12-31T23:59:59Z"],
            ["phase": "Caf\u{e9}", "portForwards": [["hostPort": 99_999, "guestPort": -1]]],
        ]
        for status in statuses {
            for id in cluster.nodes.keys.sorted() {
                let fleet = try #require(cluster.nodes[id]).replica.fleet
                let reports = fleet.bound(to: "node-\(id)").flatMap { machine in
                    [UInt64.max, machine.binding?.epoch ?? 0].map {
                        MachineReport(
                            key: machine.key, uid: machine.uid, epoch: $0, status: status.canonicalBytes, removed: false
                        )
                    }
                }
                for sequence in [fleet.reportSequence(of: id.rawValue) + 1] {
                    _ = cluster.write(
                        .report(
                            NodeReport(
                                member: id.rawValue, sequence: sequence, nodeStatus: status.canonicalBytes,
                                machines: reports, images: [], events: [])), author: SmallCluster.key(id.rawValue))
                }
            }
        }
        for (position, grace) in [Int.min, -1, 0, 86_400, 86_401, .max].enumerated() {
            number += 1
            _ = cluster.write(
                ReplicaTests.write(
                    [
                        .delete(
                            Delete(
                                key: ReplicaTests.key(Self.machines[position]), uid: nil, resourceVersion: .max,
                                graceSeconds: grace, ignoreMissing: true))
                    ], number, base: .max - 1))
            number += 1
            _ = cluster.write(
                ReplicaTests.write(
                    [
                        .delete(
                            Delete(
                                key: ReplicaTests.key(Self.machines[position]), uid: nil, resourceVersion: nil,
                                graceSeconds: grace, ignoreMissing: true))
                    ], number))
        }
        try expectSound(&cluster, "commands")
    }
}
