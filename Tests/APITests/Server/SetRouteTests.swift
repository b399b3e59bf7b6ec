import API
import Contract
import Fleet
import JSONText
import Manifest
import Primitives
import Testing

@Suite("Routes of manifest sets over a socket")
struct SetRouteTests {
    private let group = "/apis/blixard.dev/v1"

    private func apply(
        _ client: APIClient, _ names: [String], _ set: JSON?, document: Bool = false, more: JSON = [:]
    ) async throws(ClientFailure) -> JSON {
        var documents = names.map { Samples.manifest($0) }
        if document {
            documents.append([
                "apiVersion": "blixard.dev/v1", "kind": "ManifestSet", "metadata": ["name": "prod"],
                "spec": ["prune": true, "maxPrunePercent": 60],
            ])
        }
        var body = more
        body["documents"] = .array(documents)
        body["set"] = set
        return try await client.send("POST", "/blixard/v1/apply", body: body, request: nil)
    }

    @Test("A ManifestSet among the documents makes them a set, which is pruned, shown and read back")
    func life() async throws {
        try await withServer { server, client in
            let first = try await apply(client, ["a", "b"], ["message": "why", "commit": "abc"], document: true)
            #expect(first["set"] == ["name": "prod", "revision": 1, "isNew": true])
            let second = try await apply(client, ["a"], nil, document: true)
            #expect(second["pruned"]?[0]?["name"] == "b" && second["released"] == [])
            #expect(server.backend.fleet[Samples.machine("b")] == nil)

            let machine = try await client.get("\(group)/namespaces/default/virtualmachines/a")
            #expect(machine["metadata"]?["manifestSet"] == "prod")
            let set = try await client.get("\(group)/manifestsets/prod")
            #expect(set["spec"] == ["prune": true, "maxPrunePercent": 60, "revisionHistoryLimit": 10])
            #expect(set["status"]?["revision"] == 2 && set["status"]?["members"] == 1)
            // What was read can be applied.
            let again = try await client.send("PUT", "\(group)/manifestsets/prod", body: set, request: nil)
            #expect(again["metadata"]?["generation"] == 1)

            let history = try await client.get("/blixard/v1/sets/prod/revisions")
            #expect(history["revisions"]?.array?.compactMap { $0["number"]?.integer } == [1, 2])
            #expect(history["revisions"]?[0]?["message"] == "why" && history["revisions"]?[0]?["commit"] == "abc")
            #expect(history["revisions"]?[0]?["authorName"] == "root")
            let revision = try await client.get("/blixard/v1/sets/prod/revisions/1")
            let names = revision["documents"]?.array?.compactMap { $0["metadata"]?["name"]?.string }
            #expect(names == ["prod", "a", "b"])
        }
    }

    @Test("What names no set, or another one, is refused with what to do")
    func names() async throws {
        try await withServer { _, client in
            for (set, document, part) in [
                (["prune": true], false, "nothing names the set"), (["name": "other"], true, "the request names"),
                (["name": ""], false, "must not be empty"), (["name": "A B"], false, "set.name: Invalid value"),
                (["name": "prod", "wanted": 1], false, "unknown field"),
                (["name": "prod", "maxPrunePercent": 101], false, "0 to 100"),
                (["name": "prod", "ifRevision": -1], false, "whole number"), ("prod", false, "must be an object"),
                (["name": "prod", "message": .string(String(repeating: "m", count: 5000))], false, "5000 bytes"),
            ] as [(JSON, Bool, String)] {
                let refused = await failure { () async throws(ClientFailure) in
                    try await apply(client, ["a"], set, document: document)
                }
                #expect(refused.code == 400)
                #expect(refused.status["message"]?.string?.contains(part) == true, "\(refused.status)")
            }
            for path in ["none/revisions", "none/revisions/1"] {
                let missing = await failure { () async throws(ClientFailure) in
                    try await client.get("/blixard/v1/sets/\(path)")
                }
                #expect(missing.code == 404)
            }
        }
    }

    @Test("A revision that is not kept is not found, and it is said which are")
    func revisions() async throws {
        try await withServer { _, client in
            _ = try await apply(client, ["a"], ["name": "prod"])
            let missing = await failure { () async throws(ClientFailure) in
                try await client.get("/blixard/v1/sets/prod/revisions/7")
            }
            #expect(missing.code == 404 && missing.status["message"]?.string?.hasSuffix("there are 1") == true)
            let word = await failure { () async throws(ClientFailure) in
                try await client.get("/blixard/v1/sets/prod/revisions/x")
            }
            #expect(word.code == 400)
        }
    }

    @Test("A plan of another cluster, or of what has moved, is a conflict")
    func plans() async throws {
        try await withServer { _, client in
            _ = try await apply(client, ["a"], ["name": "prod"])
            let other = await failure { () async throws(ClientFailure) in
                try await apply(client, ["a"], ["name": "prod"], more: ["cluster": "cluster-b"])
            }
            #expect(other.code == 409)
            let moved = await failure { () async throws(ClientFailure) in
                try await apply(
                    client, ["a"], ["name": "prod"],
                    more: [
                        "cluster": "cluster-a",
                        "expected": [
                            "objects": [["kind": "VirtualMachine", "namespace": "default", "name": "a"]], "pruned": [],
                        ],
                    ])
            }
            #expect(moved.code == 409 && moved.status["message"]?.string?.contains("since the plan was made") == true)
        }
    }

    @Test("Kubernetes' delete says by its propagation policy what becomes of members, and Background says nothing")
    func propagation() async throws {
        try await withServer { server, client in
            _ = try await apply(client, ["a"], ["name": "prod"])
            func delete(_ policy: String) async throws(ClientFailure) -> JSON {
                try await client.send(
                    "DELETE", "\(group)/manifestsets/prod", body: ["propagationPolicy": .string(policy)], request: nil)
            }
            let silent = await failure { () async throws(ClientFailure) in try await delete("Background") }
            #expect(silent.code == 403 && server.backend.fleet[Samples.machine("a")] != nil)
            _ = try await delete("Orphan")
            #expect(server.backend.fleet[Samples.machine("a")] != nil)
            _ = try await apply(client, ["a"], ["name": "prod"])
            _ = try await delete("Foreground")
            #expect(server.backend.fleet[Samples.machine("a")] == nil)
        }
    }
}
