import JSONText

/// Answers as a node gives them.
enum Samples {
    static func machine(
        _ name: String, phase: String = "Running", ready: String = "True", generation: Int64 = 1,
        observed: Int64? = nil, node: String? = "node-1", runStrategy: String = "Always", uid: String = "uid-1",
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

    static let cluster: JSON = [
        "clusterID": "abc", "name": "node-1", "leader": ["id": 1, "name": "node-1"], "term": 3,
        "quorum": ["voters": 3, "needed": 2, "connected": 3, "has": true], "revision": "41", "answeredBy": "node-1",
        "nodes": [
            member(1, "Leader", isSelf: true), member(2, "Follower", isSelf: false),
            member(3, "Follower", isSelf: false),
        ],
    ]

    static func member(_ id: Int64, _ role: String, isSelf: Bool) -> JSON {
        [
            "id": .integer(id), "name": "node-\(id)",
            "key": .string(String(repeating: "0\(id)", count: 32)), "addresses": ["127.0.0.1:700\(id)"],
            "role": .string(role), "connected": true, "lastHeardSeconds": 0, "self": .bool(isSelf),
        ]
    }

    /// The line that ends what a watch begins with.
    static let initialEnd: JSON = [
        "type": "BOOKMARK",
        "object": ["metadata": ["resourceVersion": "20", "annotations": ["k8s.io/initial-events-end": "true"]]],
    ]

    static let manifest = """
        {"apiVersion": "blixard.dev/v1", "kind": "VirtualMachine", "metadata": {"name": "web"}, "spec": {"vcpus": 2}}
        """

    static func applied(_ name: String, _ operation: String = "created", generation: Int64 = 1) -> JSON {
        [
            "revision": "42", "dryRun": false, "request": "00",
            "results": [
                [
                    "kind": "VirtualMachine", "namespace": "default", "name": .string(name),
                    "operation": .string(operation), "uid": "uid-1", "resourceVersion": "42",
                    "generation": .integer(generation),
                ]
            ],
        ]
    }
}
