import Contract
import Fleet
import HTTPTypes
import JSONText
import Manifest
import Primitives
import Testing

@testable import API

@Suite("Empty words in requests")
struct EmptyWordTests {
    private static let machines = "/apis/blixard.dev/v1/namespaces/default/virtualmachines"

    @Test("A path with an empty part is no other path, whatever the route")
    func paths() async throws {
        try await withServer { server, client in
            let before = server.backend.fleet
            for route in APIRoutes.all {
                let parts = route.path.split(separator: "/").map { $0.hasPrefix(":") ? "x" : String($0) }
                for position in parts.indices {
                    var parts = parts
                    parts[position] = ""
                    let path = "/" + parts.joined(separator: "/")
                    // What discovery is asked may end in a slash.
                    if ["/", "/api/", "/apis/"].contains(path) { continue }
                    let answer = await failure { () async throws(ClientFailure) in
                        try await client.send(route.verb, path, body: [:], request: nil)
                    }
                    #expect(answer.code == 400, "\(route.verb) \(path)")
                    #expect(answer.status["message"]?.string?.contains("no part may be empty") == true)
                }
            }
            for path in ["\(Self.machines)/", "/apis/blixard.dev/v1/nodes//", "//version"] {
                let answer = await failure { () async throws(ClientFailure) in try await client.get(path) }
                #expect(answer.code == 400, "\(path)")
            }
            #expect(server.backend.fleet == before)
            for path in ["/api", "/apis", "/apis/", "/version"] { _ = try await client.get(path) }
        }
    }

    @Test(
        "A parameter that is there says something",
        arguments: [
            "labelSelector=", "labelSelector", "labelSelector=+", "fieldSelector=", "fieldSelector=%2C", "dryRun=",
            "consistency=", "watch=", "gracePeriodSeconds=", "labelSelector=a%3Db&labelSelector=", "includeObject=",
        ])
    func parameters(query: String) async throws {
        try await withServer { server, client in
            _ = try await client.send("POST", Self.machines, body: Samples.manifest("web"), request: nil)
            let before = server.backend.fleet
            let isOfLists = query.hasPrefix("fieldSelector=%")
            for (method, path) in [
                ("GET", Self.machines), ("GET", Self.machines + "/web"), ("DELETE", Self.machines + "/web"),
                ("POST", Self.machines),
            ] where !isOfLists || path == Self.machines && method == "GET" {
                let body: JSON? = method == "POST" ? Samples.manifest("other") : nil
                let answer = await failure { () async throws(ClientFailure) in
                    try await client.send(method, "\(path)?\(query)", body: body, request: nil)
                }
                #expect(answer.code == 400, "\(method) \(path)?\(query)")
            }
            #expect(server.backend.fleet == before)
        }
    }

    @Test("What kubectl leaves empty, or what nothing here reads, is passed over")
    func harmless() async throws {
        try await withServer { _, client in
            for query in ["resourceVersion=", "pretty=", "timeout=", "limit=500", "fieldManager=&fieldValidation="] {
                _ = try await client.get("\(Self.machines)?\(query)")
            }
        }
    }

    @Test("Empty names, namespaces and uids in bodies are refused")
    func bodies() async throws {
        try await withServer { server, client in
            _ = try await client.send("POST", Self.machines, body: Samples.manifest("web"), request: nil)
            let before = server.backend.fleet
            func object(_ name: String, namespace: String = "default", uid: String? = nil) -> JSON {
                var body = Samples.manifest("web")
                body["metadata"]?["name"] = .string(name)
                body["metadata"]?["namespace"] = .string(namespace)
                body["metadata"]?["uid"] = uid.map { .string($0) }
                return body
            }
            let key = String(repeating: "0a", count: 32)
            let requests: [(String, String, JSON)] = [
                ("POST", Self.machines, object("")),
                ("PUT", Self.machines + "/web", object("")),
                ("PUT", Self.machines + "/web", object("web", namespace: "")),
                ("PUT", Self.machines + "/web", object("web", uid: "")),
                ("PATCH", Self.machines + "/web", ["metadata": ["uid": ""]]),
                ("DELETE", Self.machines + "/web", ["preconditions": ["uid": ""]]),
                ("DELETE", Self.machines + "/web", ["preconditions": ["resourceVersion": ""]]),
                ("POST", "/blixard/v1/apply", ["documents": [object("")]]),
                ("POST", "/blixard/v1/apply", ["documents": [object("new", namespace: "")]]),
                ("POST", "/blixard/v1/apply", ["documents": []]),
                ("POST", "/blixard/v1/plan", ["documents": [object("")]]),
                ("POST", "/blixard/v1/delete", ["objects": []]),
                ("POST", "/blixard/v1/delete", ["objects": [["kind": "vm", "name": ""]]]),
                ("POST", "/blixard/v1/delete", ["objects": [["kind": "vm", "name": "web", "namespace": ""]]]),
                ("POST", "/blixard/v1/delete", ["objects": [["kind": "", "name": "web"]]]),
                ("POST", "/blixard/v1/grants", ["key": .string(key), "role": "viewer", "name": ""]),
                ("POST", "/blixard/v1/grants", ["key": "", "role": "viewer"]),
                ("POST", "/blixard/v1/grants", ["key": .string(key), "role": ""]),
                (
                    "POST", "/blixard/v1/grants",
                    ["key": .string(key), "role": "viewer", "name": .string(String(repeating: "x", count: 254))]
                ),
                ("POST", "/blixard/v1/tickets", ["forNode": ""]),
                ("POST", "/blixard/v1/join", ["secret": "", "key": .string(key), "addresses": []]),
            ]
            for (method, path, body) in requests {
                let answer = await failure { () async throws(ClientFailure) in
                    try await client.send(
                        method, path, body: body,
                        contentType: method == "PATCH" ? "application/merge-patch+json" : "application/json",
                        request: nil)
                }
                #expect([400, 422].contains(answer.code), "\(method) \(path) \(body): \(answer)")
            }
            #expect(server.backend.fleet == before)
        }
    }

    @Test("Members of a wrong type, of a name that nobody knows, and parameters with two values are refused")
    func wrongTypes() async throws {
        try await withServer { server, client in
            _ = try await client.send("POST", Self.machines, body: Samples.manifest("web"), request: nil)
            let before = server.backend.fleet
            let key = String(repeating: "0a", count: 32)
            let web: JSON = ["kind": "vm", "name": "web"]
            let requests: [(String, String, JSON)] = [
                // A namespace that is no text is not the default one.
                ("POST", "/blixard/v1/delete", ["objects": [["kind": "vm", "name": "web", "namespace": 5]]]),
                ("POST", "/blixard/v1/delete", ["objects": [web], "ignoreNotFound": "true"]),
                ("POST", "/blixard/v1/delete", ["objects": [web], "request": 5]),
                ("POST", "/blixard/v1/delete", ["objects": [web], "baseRevision": true]),
                ("POST", "/blixard/v1/delete", ["objects": [web], "baseRevision": -1]),
                ("POST", "/blixard/v1/apply", ["documents": [Samples.manifest("new")], "sources": "x"]),
                ("POST", "/blixard/v1/apply", ["documents": [Samples.manifest("new")], "sources": [1]]),
                ("POST", "/blixard/v1/apply", [["documents": [Samples.manifest("new")]]]),
                // A ticket for one node is not one for any.
                ("POST", "/blixard/v1/tickets", ["forNode": 5]), ("POST", "/blixard/v1/tickets", ["fornode": "node-2"]),
                ("POST", "/blixard/v1/tickets", [["ttlSeconds": 1]]), ("POST", "/blixard/v1/tickets", "x"),
                ("POST", "/blixard/v1/grants", ["key": .string(key), "role": "viewer", "nam": "x"]),
                ("POST", "/blixard/v1/shutdown", ["stopMachines": "true"]),
                ("POST", "/blixard/v1/shutdown", ["stopmachines": true]),
                ("POST", "/blixard/v1/nodes/node-1/remove", ["force": "yes"]),
                ("DELETE", Self.machines + "/web?gracePeriodSeconds=1&gracePeriodSeconds=2", .null),
                ("DELETE", Self.machines + "/web?propagationPolicy=Orphan&propagationPolicy=Background", .null),
            ]
            for (method, path, body) in requests {
                let answer = await failure { () async throws(ClientFailure) in
                    try await client.send(
                        method, path, body: body, contentType: "application/json", request: nil)
                }
                #expect(answer.code == 400, "\(method) \(path) \(body): \(answer)")
            }
            #expect(server.backend.fleet == before)
            let same = ["labelSelector", "labelSelector", "other", "other"].enumerated().map {
                ($1, $0 < 2 ? "a" : "\($0)")
            }
            _ = try await client.get(Self.machines, query: same)
        }
    }
}
