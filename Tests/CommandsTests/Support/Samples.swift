import Contract
import Fleet
import JSONText
import Manifest
import Primitives

@testable import Commands

/// Answers as a node gives them.
enum Samples {
    /// Of every object, unless a test says otherwise.
    static let uid = UID(high: 1, low: 2)

    static func machine(
        _ name: String, phase: String = "Running", ready: String = "True", generation: Int64 = 1,
        observed: Int64? = nil, node: String? = "node-1", runStrategy: String = "Always",
        uid: String = Samples.uid.description,
        reason: String = "Running", message: String = "", stopped: Bool = false
    ) -> JSON {
        var status: JSON = [
            "observedGeneration": .integer(observed ?? generation), "phase": .string(phase),
            "conditions": [
                [
                    "type": "Ready", "status": .string(ready), "reason": .string(reason),
                    "message": .string(message), "observedGeneration": .integer(observed ?? generation),
                    "lastTransitionTime": "2027-01-15T07:59:00Z",
                ]
            ],
        ]
        if let node { status["nodeName"] = .string(node) }
        return [
            "apiVersion": "blixard.dev/v1", "kind": "VirtualMachine",
            "metadata": [
                "name": .string(name), "namespace": "default", "uid": .string(uid), "resourceVersion": "12",
                "generation": .integer(generation), "creationTimestamp": "2027-01-15T07:58:00Z",
            ],
            "spec": [
                "runStrategy": .string(runStrategy), "stopped": .bool(stopped), "vcpus": 1, "memory": "128Mi",
            ], "status": status,
        ]
    }

    static func list(_ items: [JSON], kind: String = "VirtualMachineList") -> JSON {
        [
            "kind": .string(kind), "apiVersion": "blixard.dev/v1", "metadata": ["resourceVersion": "20"],
            "items": .array(items),
        ]
    }

    /// A table of machines, with one wide column.
    static func table(_ rows: [(name: String, status: String)], namespace: String = "default") -> JSON {
        let columns: [(String, Int64)] = [
            ("Name", 0), ("Status", 0), ("Ready", 0), ("Node", 0), ("IP", 0), ("Age", 0), ("CPUs", 1),
        ]
        return [
            "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": ["resourceVersion": "20"],
            "columnDefinitions": .array(
                columns.map { ["name": .string($0.0), "type": "string", "priority": .integer($0.1)] }),
            "rows": .array(
                rows.map { row in
                    [
                        "cells": [.string(row.name), .string(row.status), "True", "node-1", nil, "90s", 2],
                        "object": [
                            "kind": "PartialObjectMetadata",
                            "metadata": [
                                "name": .string(row.name), "namespace": .string(namespace), "resourceVersion": "19",
                            ],
                        ],
                    ]
                }),
        ]
    }

    static var cluster: JSON { state.json }

    /// A cluster of three that has a quorum.
    static let state = ClusterState(
        clusterID: "abc", answeredBy: "node-1", leader: ClusterLeader(id: 1, name: "node-1"), term: 3,
        quorum: QuorumView(voters: 3, needed: 2, connected: 3, has: true), revision: 41, level: 1, appliedIndex: 50,
        commitIndex: 50, stateHash: "00000000deadbeef", consistency: .linearizable,
        nodes: [member(1, "Leader"), member(2, "Follower"), member(3, "Follower")])

    /// A member as node 1 knows it.
    static func member(_ id: UInt64, _ role: String) -> ClusterNode {
        ClusterNode(
            member: MemberContact(
                id: id, name: "node-\(id)", key: FakeNodes.key(id), addresses: ["127.0.0.1:\(7000 + id)"]),
            role: role, connected: true, lastHeardSeconds: 0, lag: nil, roundTripMicroseconds: nil, isSelf: id == 1)
    }

    /// The line that ends what a watch begins with.
    static let initialEnd: JSON = [
        "type": "BOOKMARK",
        "object": ["metadata": ["resourceVersion": "20", "annotations": ["k8s.io/initial-events-end": "true"]]],
    ]

    static let manifest = """
        {"apiVersion": "blixard.dev/v1", "kind": "VirtualMachine", "metadata": {"name": "web"}, "spec": {"vcpus": 2}}
        """

    /// The answer to an apply, or a delete, of one machine.
    static func applied(
        _ name: String, _ operation: MutationResult.Operation = .created, generation: UInt64 = 1
    ) -> JSON {
        applied([KindInfo.virtualMachine.key(namespace: "default", name: name)], operation, generation: generation)
    }

    /// The answer to an apply, or a delete, of these objects.
    static func applied(
        _ keys: [ObjectKey], _ operation: MutationResult.Operation = .created, generation: UInt64 = 1
    ) -> JSON {
        let results = keys.map {
            MutationResult(key: $0, operation: operation, uid: uid, resourceVersion: 42, generation: generation)
        }
        return WriteReport(
            answer: WriteAnswer(results: results, revision: 42), isDryRun: false, request: RequestID(high: 0, low: 1)
        ).json
    }

    /// A revision of a set, an hour after the one before.
    static func revision(_ number: UInt64, message: String = "why", commit: String = "0123456789abcdef")
        -> SetRevisionSummary
    {
        SetRevisionSummary(
            number: number, time: WallTime(milliseconds: 1_700_000_000_000 + Int64(number) * 3_600_000), author: nil,
            authorName: "alice", message: message, commit: commit, counts: SetCounts(created: 1))
    }

    /// The answer to a request for a ticket.
    static func ticket(_ text: String) -> JSON {
        TicketAnswer(ticket: text, expiresAt: WallTime(milliseconds: 1_800_000_000_000), uses: 1).json
    }

    /// The answer to the removal of a node.
    static func removed(_ name: String, id: UInt64, machines: [String]) -> JSON {
        RemovalAnswer(name: name, id: id, machines: machines, revision: 42).json
    }
}
