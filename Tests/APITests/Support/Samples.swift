import Contract
import Fleet
import JSONText
import Manifest
import Primitives

@testable import API

/// Values that many tests use.
enum Samples {
    static let admin = key(1)
    static let viewer = key(2)
    static let stranger = key(3)
    static let start = WallTime(milliseconds: 1_700_000_000_000)  // 2023-11-14T22:13:20Z

    static func key(_ byte: UInt8) -> PublicKey {
        guard let key = PublicKey(Array(repeating: byte, count: 32)) else { preconditionFailure("32 bytes are a key") }
        return key
    }

    static func machine(_ name: String, namespace: String = "default") -> ObjectKey {
        KindInfo.virtualMachine.key(namespace: namespace, name: name)
    }

    static func manifest(_ name: String, namespace: String? = nil, labels: [String: String] = [:], spec: JSON = [:])
        -> JSON
    {
        var metadata: JSON = ["name": .string(name)]
        metadata["namespace"] = namespace.map { .string($0) }
        if !labels.isEmpty {
            var json: JSON = [:]
            for (name, value) in labels.sorted(by: { $0.key < $1.key }) { json[name] = .string(value) }
            metadata["labels"] = json
        }
        return [
            "apiVersion": "blixard.dev/v1", "kind": "VirtualMachine", "metadata": metadata, "spec": spec,
        ]
    }

    static func put(_ key: ObjectKey, labels: [String: String] = [:], spec: String = "{}") -> Mutation {
        .put(
            Put(
                key: key, labels: labels, annotations: [:], spec: Array(spec.utf8), precondition: .none,
                requiredNode: nil))
    }

    static func request(_ number: UInt64) -> RequestID { RequestID(high: 0xabc, low: number) }

    /// A newcomer of that name.
    static func join(_ fleet: Fleet, name: String, key: UInt8, ticket: [UInt8]) -> Command {
        .join(
            Join(
                id: fleet.nextMemberID, name: name, key: self.key(key), addresses: ["127.0.0.1:7009"],
                ticketHash: ticket, incarnation: 1))
    }

    static func object(
        _ key: ObjectKey, spec: String = "{}", status: String = "", binding: FleetObject.Binding? = nil,
        generation: UInt64 = 1
    ) -> FleetObject {
        FleetObject(
            key: key, uid: UID(high: 1, low: 2), resourceVersion: 7, generation: generation, createdAt: start,
            spec: Array(spec.utf8), status: Array(status.utf8), binding: binding)
    }

    /// Where the last lines of a text begin.
    static func tail(of bytes: [UInt8], lines: Int) -> Int {
        guard lines > 0 else { return bytes.count }
        var left = lines
        for position in bytes.indices.dropLast().reversed() where bytes[position] == 0x0a {
            left -= 1
            if left == 0 { return position + 1 }
        }
        return 0
    }

    /// The one node of the cluster, which leads.
    static let leading = [
        "node-1": NodeContact(
            lastHeardMilliseconds: 0, roundTripMicroseconds: nil, connected: true, lag: nil, role: "Leader")
    ]

    /// A fleet of one node that holds these objects' kinds; `node-1` is the one that answers.
    static func view(
        _ fleet: Fleet = FakeBackend(admin: admin).fleet, liveness: [String: NodeContact] = leading,
        isStale: Bool = false,
        localID: UInt64 = 1, secondsLater: Int64 = 90
    ) -> ClusterView {
        ClusterView(
            fleet: fleet, now: WallTime(milliseconds: start.milliseconds + secondsLater * 1000), isStale: isStale,
            leader: ClusterLeader(id: 1, name: "node-1"), term: 3, localID: localID, commitIndex: fleet.appliedIndex,
            quorum: QuorumView(voters: 1, needed: 1, connected: 1, has: true), liveness: liveness)
    }
}
