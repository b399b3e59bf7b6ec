import API
import Fleet
import JSONText
import Manifest
import Primitives
import Testing

@Suite("Routes over a socket")
struct RouteTests {
    private let group = "/apis/blixard.dev/v1"
    private let machines = "/apis/blixard.dev/v1/namespaces/default/virtualmachines"

    /// The status of a request that must fail.
    private func failure(_ body: () async throws(ClientFailure) -> some Sendable) async -> (code: Int, status: JSON) {
        do throws(ClientFailure) {
            _ = try await body()
        } catch {
            if case .status(let status, let code) = error { return (code, status) }
            Issue.record("\(error)")
            return (0, nil)
        }
        Issue.record("it did not fail")
        return (0, nil)
    }

    @Test("Discovery is answered to every key in the plain and the aggregated form")
    func discovery() async throws {
        try await withServer { server, client in
            server.connectAs(Samples.stranger)
            let version = try await client.get("/version")
            #expect(version.object?.count == 9)
            #expect(version["gitVersion"]?.string?.hasPrefix("v1.32.0+blixard") == true)
            #expect(try await client.get("/version/")["minor"] == "32")
            #expect(try await client.get("/api")["kind"] == "APIVersions")
            #expect(try await client.get("/apis")["groups"]?[0]?["name"] == "blixard.dev")
            #expect(try await client.get("/apis/blixard.dev")["preferredVersion"]?["version"] == "v1")
            let resources = try await client.get(group)["resources"]?.array ?? []
            #expect(resources.compactMap { $0["name"]?.string } == ["events", "images", "nodes", "virtualmachines"])
            let aggregated = try await client.get(
                "/apis",
                accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json")
            #expect(aggregated["kind"] == "APIGroupDiscoveryList")
            #expect(aggregated["items"]?[0]?["versions"]?[0]?["resources"]?.array?.count == 4)
        }
    }

    @Test("An object is created, read, replaced, patched and deleted")
    func lifeOfAnObject() async throws {
        try await withServer { server, client in
            let created = try await client.send(
                "POST", machines, body: Samples.manifest("web", labels: ["app": "a"]), request: nil)
            #expect(created["metadata"]?["generation"] == 1)
            let again = await failure { () async throws(ClientFailure) in
                try await client.send("POST", machines, body: Samples.manifest("web"), request: nil)
            }
            #expect(again.code == 409)
            #expect(again.status["reason"] == "AlreadyExists")
            #expect(again.status["message"] == "virtualmachines.blixard.dev \"web\" already exists")

            let read = try await client.get("\(machines)/web")
            #expect(read == created)
            let list = try await client.get(machines)
            #expect(list["kind"] == "VirtualMachineList")
            #expect(list["items"]?[0]?["kind"] == "VirtualMachine")
            #expect(list["metadata"]?["resourceVersion"]?.string == String(server.backend.fleet.revision))

            var changed = read
            changed["spec"] = ["vcpus": 3]
            let replaced = try await client.send("PUT", "\(machines)/web", body: changed, request: nil)
            #expect(replaced["metadata"]?["generation"] == 2)
            #expect(replaced["metadata"]?["uid"] == read["metadata"]?["uid"])
            #expect(replaced["spec"]?["vcpus"] == 3)
            // The version that was read is an old one by now.
            let stale = await failure { () async throws(ClientFailure) in
                try await client.send("PUT", "\(machines)/web", body: changed, request: nil)
            }
            #expect(stale.code == 409)
            #expect(stale.status["reason"] == "Conflict")

            let patched = try await client.send(
                "PATCH", "\(machines)/web",
                body: ["metadata": ["labels": ["app": nil, "tier": "x"]], "spec": ["vcpus": nil, "memory": "1Gi"]],
                contentType: APIClient.mergePatch, request: nil)
            #expect(patched["metadata"]?["labels"] == ["tier": "x"])
            #expect(patched["spec"]?["vcpus"] == 1)
            #expect(patched["spec"]?["memory"] == "1Gi")

            let deleted = try await client.send("DELETE", "\(machines)/web", body: nil, request: nil)
            #expect(deleted["status"] == "Success")
            #expect(deleted["details"]?["uid"] == read["metadata"]?["uid"])
            let gone = await failure { () async throws(ClientFailure) in try await client.get("\(machines)/web") }
            #expect(gone.code == 404)
            #expect(gone.status["message"] == "virtualmachines.blixard.dev \"web\" not found")
        }
    }

    @Test("A bound machine's deletion answers the object, and preconditions are kept")
    func deletions() async throws {
        try await withServer { server, client in
            let web = Samples.machine("web")
            server.backend.put([Samples.put(web)])
            server.backend.bind(web)
            server.backend.report(web)
            let wrong = await failure { () async throws(ClientFailure) in
                try await client.send(
                    "DELETE", "\(machines)/web",
                    body: ["preconditions": ["uid": "00000000-0000-8000-8000-000000000000"]], request: nil)
            }
            #expect(wrong.code == 409)
            let deleted = try await client.send(
                "DELETE", "\(machines)/web", body: ["gracePeriodSeconds": 5, "propagationPolicy": "Background"],
                request: nil)
            #expect(deleted["metadata"]?["deletionTimestamp"] != nil)
            #expect(deleted["status"]?["phase"] == "Terminating")
            let again = await failure { () async throws(ClientFailure) in
                try await client.send(
                    "PUT", "\(machines)/web", body: Samples.manifest("web", spec: ["vcpus": 2]), request: nil)
            }
            #expect(again.code == 409)
            #expect(again.status["message"]?.string?.contains("node-1") == true)
        }
    }

    @Test("Dry runs show what would be and record nothing")
    func dryRuns() async throws {
        try await withServer { server, client in
            let before = server.backend.fleet
            let created = try await client.send(
                "POST", machines, query: [("dryRun", "All")], body: Samples.manifest("web"), request: nil)
            #expect(created["metadata"]?["name"] == "web")
            let applied = try await client.send(
                "POST", "/blixard/v1/apply", query: [("dryRun", "true")],
                body: ["documents": [Samples.manifest("web")]], request: Samples.request(1))
            #expect(applied["dryRun"] == true)
            #expect(applied["results"]?[0]?["operation"] == "created")
            #expect(server.backend.fleet == before)
        }
    }

    @Test("Lists are selected by labels, fields and namespace")
    func selections() async throws {
        try await withServer { server, client in
            server.backend.put([
                Samples.put(Samples.machine("a"), labels: ["app": "x"]), Samples.put(Samples.machine("b")),
                Samples.put(Samples.machine("c", namespace: "other"), labels: ["app": "y"]),
            ])
            func names(_ path: String, _ query: [(String, String)]) async throws -> [String] {
                try await client.get(path, query: query)["items"]?.array?
                    .compactMap { $0["metadata"]?["name"]?.string } ?? []
            }
            #expect(try await names("\(group)/virtualmachines", []) == ["a", "b", "c"])
            #expect(try await names(machines, [("labelSelector", "app in (x,y)")]) == ["a"])
            #expect(try await names("\(group)/virtualmachines", [("labelSelector", "app!=x")]) == ["b", "c"])
            #expect(try await names(machines, [("fieldSelector", "metadata.name=b")]) == ["b"])
            let broken = await failure { () async throws(ClientFailure) in
                try await client.get(machines, query: [("labelSelector", "a=b=c")])
            }
            #expect(broken.code == 400)
            let table = try await client.get(machines, accept: APIClient.acceptTable)
            #expect(table["rows"]?.array?.count == 2)
            let full = try await client.get(
                "\(machines)/a", query: [("includeObject", "Object")], accept: APIClient.acceptTable)
            #expect(full["rows"]?[0]?["object"]?["spec"]?["vcpus"] == 1)
        }
    }

    @Test("Invalid documents, paths, types and methods are refused with their codes")
    func refusals() async throws {
        try await withServer { _, client in
            func code(
                _ method: String, _ path: String, _ body: JSON?, type: String = APIClient.acceptJSON
            ) async -> (code: Int, status: JSON) {
                await failure { () async throws(ClientFailure) in
                    try await client.send(method, path, body: body, contentType: type, request: nil)
                }
            }
            #expect(await code("POST", machines, Samples.manifest("web", spec: ["vcpuz": 1])).code == 400)
            #expect(await code("POST", machines, Samples.manifest("web", spec: ["vcpus": 0])).code == 422)
            #expect(await code("POST", machines, Samples.manifest("Web_")).code == 422)
            #expect(await code("POST", "\(group)/namespaces/default/events", Samples.manifest("e")).code == 405)
            #expect(await code("PATCH", "\(machines)/web", [:], type: "application/strategic-merge-patch+json").code == 415)
            #expect(await code("PATCH", "\(machines)/web", [:], type: APIClient.mergePatch).code == 404)
            #expect(await code("PUT", "\(machines)/web", Samples.manifest("web")).code == 404)
            #expect(await code("POST", "/blixard/v1/apply", ["documents": []]).code == 400)
            #expect(await code("POST", "/blixard/v1/apply", []).code == 400)
            #expect(await code("POST", "/blixard/v1/delete", ["objects": [["kind": "Pod", "name": "x"]]]).code == 400)
            #expect(await code("POST", "/apis/apps/v1/deployments", [:]).code == 404)
            let nothing = await failure { () async throws(ClientFailure) in try await client.get("\(group)/pods") }
            #expect(nothing.status["message"] == "the server could not find the requested resource")
        }
    }

    @Test("An apply is one entry, and its repetition gets the first answer")
    func applies() async throws {
        try await withServer { server, client in
            let body: JSON = [
                "request": .string(Samples.request(9).description), "baseRevision": "0",
                "documents": [Samples.manifest("web"), Samples.manifest("db", namespace: "prod")],
            ]
            let revision = server.backend.fleet.revision
            var first = try await client.send("POST", "/blixard/v1/apply", body: body, request: Samples.request(9))
            #expect(first["results"]?.array?.compactMap { $0["operation"]?.string } == ["created", "created"])
            #expect(first["results"]?[1]?["namespace"] == "prod")
            #expect(first["revision"]?.string == String(revision + 2))
            #expect(first["request"]?.string == Samples.request(9).description)
            let second = try await client.send("POST", "/blixard/v1/apply", body: body, request: Samples.request(9))
            #expect(second == first)
            first = try await client.send("POST", "/blixard/v1/apply", body: ["documents": body["documents"]!], request: nil)
            #expect(first["results"]?.array?.compactMap { $0["operation"]?.string } == ["unchanged", "unchanged"])

            let bad = await failure { () async throws(ClientFailure) in
                try await client.send(
                    "POST", "/blixard/v1/apply",
                    body: [
                        "documents": [Samples.manifest("ok"), Samples.manifest("bad", spec: ["vcpus": 0])],
                        "sources": ["a.json:1", "a.json:9"],
                    ], request: nil)
            }
            #expect(bad.code == 422)
            #expect(bad.status["message"]?.string?.contains("a.json:9: VirtualMachine bad: spec.vcpus") == true)
            #expect(server.backend.fleet[Samples.machine("ok")] == nil)

            let objects: JSON = [
                ["kind": "VirtualMachine", "namespace": "default", "name": "web"],
                ["kind": "vm", "namespace": "prod", "name": "db"],
            ]
            let deleted = try await client.send(
                "POST", "/blixard/v1/delete", body: ["objects": objects], request: Samples.request(10))
            #expect(deleted["results"]?.array?.compactMap { $0["operation"]?.string } == ["deleted", "deleted"])
            let missing = await failure { () async throws(ClientFailure) in
                try await client.send("POST", "/blixard/v1/delete", body: ["objects": objects], request: nil)
            }
            #expect(missing.status["details"]?["causes"]?.array?.count == 2)
            let ignored = try await client.send(
                "POST", "/blixard/v1/delete", body: ["objects": objects, "ignoreNotFound": true], request: nil)
            #expect(ignored["results"]?.array?.count == 2)
        }
    }

    @Test("Plan, cluster, observations, tickets, grants and joins answer in their shapes")
    func ours() async throws {
        try await withServer { server, client in
            let plan = try await client.send(
                "POST", "/blixard/v1/plan", body: ["documents": [Samples.manifest("web")]], request: nil)
            #expect(plan["objects"]?[0]?["fields"]?[0]?["path"] == "spec.vcpus")
            #expect(plan["objects"]?[0]?["fields"]?[0]?["update"] == "restart")
            #expect(plan["actions"]?[0]?["observedAgeSeconds"] == 1)
            #expect(plan["unknown"]?[0]?["node"] == "node-9")
            let drift = try await client.send("POST", "/blixard/v1/plan", body: nil, request: nil)
            #expect(drift["objects"] == [])

            let cluster = try await client.get("/blixard/v1/cluster")
            #expect(cluster["clusterID"] == "cluster-a")
            #expect(cluster["leader"]?["name"] == "node-1")
            #expect(cluster["nodes"]?[0]?["self"] == true)
            #expect(cluster["nodes"]?[0]?["role"] == "Leader")
            #expect(cluster["stateHash"]?.string?.utf8.count == 16)
            #expect(try await client.get("/blixard/v1/observed")["node"] == "node-1")

            let ticket = try await client.send(
                "POST", "/blixard/v1/tickets", body: ["ttlSeconds": 600, "uses": 1], request: nil)
            #expect(ticket["ticket"]?.string?.hasPrefix("blx1") == true)
            #expect(ticket["expiresAt"] == "2023-11-14T22:23:20Z")

            let granted = try await client.send(
                "POST", "/blixard/v1/grants",
                body: ["key": .string(Samples.viewer.description), "name": "eve", "role": "viewer"], request: nil)
            #expect(granted["role"] == "viewer")
            #expect(server.backend.fleet.role(of: Samples.viewer) == .viewer)

            server.connectAs(Samples.stranger)
            let stranger = server.client()
            defer { stranger.close() }
            var join: JSON = [
                "secret": "010203", "key": .string(Samples.stranger.description), "addresses": ["127.0.0.1:7002"],
            ]
            let joined = try await stranger.send("POST", "/blixard/v1/join", body: join, request: nil)
            #expect(joined["id"] == 2)
            #expect(joined["members"]?[0]?["name"] == "node-1")
            join["secret"] = "09"
            let unknown = await failure { () async throws(ClientFailure) in
                try await stranger.send("POST", "/blixard/v1/join", body: join, request: nil)
            }
            #expect(unknown.code == 403)
            join["key"] = .string(Samples.viewer.description)
            let other = await failure { () async throws(ClientFailure) in
                try await stranger.send("POST", "/blixard/v1/join", body: join, request: nil)
            }
            #expect(other.code == 403)
        }
    }

    @Test("A key that is not admitted is told its own name and how to be admitted")
    func strangers() async throws {
        try await withServer { server, client in
            server.connectAs(Samples.stranger)
            let refused = await failure { () async throws(ClientFailure) in try await client.get(machines) }
            #expect(refused.code == 403)
            #expect(refused.status["reason"] == "Forbidden")
            let message = refused.status["message"]?.string ?? ""
            #expect(message.contains("User \"\(Samples.stranger.short)\" cannot GET path \"\(machines)\""))
            #expect(message.contains(Samples.stranger.description))
            #expect(message.contains("POST /blixard/v1/grants"))
        }
    }

    @Test("A viewer reads and does not write; only an administrator grants")
    func viewers() async throws {
        try await withServer { server, client in
            server.backend.apply(.grant(key: Samples.viewer, name: "eve", role: .viewer), author: Samples.admin)
            server.connectAs(Samples.viewer)
            let list = try await client.get(machines)
            #expect(list["kind"] == "VirtualMachineList")
            for (method, path) in [
                ("POST", machines), ("PUT", "\(machines)/web"), ("PATCH", "\(machines)/web"),
                ("DELETE", "\(machines)/web"), ("POST", "/blixard/v1/apply"), ("POST", "/blixard/v1/delete"),
                ("POST", "/blixard/v1/tickets"), ("POST", "/blixard/v1/grants"),
                ("POST", "/blixard/v1/namespaces/default/virtualmachines/web/restart"),
            ] {
                let refused = await failure { () async throws(ClientFailure) in
                    try await client.send(method, path, body: nil, request: nil)
                }
                #expect(refused.code == 403, "\(method) \(path)")
                #expect(refused.status["message"]?.string?.contains("viewer") == true)
            }
            server.backend.apply(.grant(key: Samples.viewer, name: "eve", role: .operator), author: Samples.admin)
            let grant = await failure { () async throws(ClientFailure) in
                try await client.send("POST", "/blixard/v1/grants", body: nil, request: nil)
            }
            #expect(grant.code == 403)
        }
    }

    @Test("Without a quorum writes say so, stale reads answer, and the cluster still tells of itself")
    func noQuorum() async throws {
        try await withServer { server, client in
            server.backend.with {
                $0.failure = .noQuorum(connected: 1, voters: 3)
                $0.leader = nil
            }
            let write = await failure { () async throws(ClientFailure) in
                try await client.send("POST", machines, body: Samples.manifest("web"), request: nil)
            }
            #expect(write.code == 503)
            #expect(write.status["message"] == "no quorum: 1 of 3 voters; nothing was recorded")
            let stale = try await client.get(machines, query: [("consistency", "stale")])
            #expect(stale["metadata"]?["annotations"]?["blixard.dev/leader"] == "none")
            let cluster = try await client.get("/blixard/v1/cluster")
            #expect(cluster["leader"] == .null)
            #expect(cluster["consistency"] == "stale")
        }
    }

    @Test("Logs come in pieces, from their end, and as they grow")
    func logs() async throws {
        try await withServer { server, client in
            let web = Samples.machine("web")
            server.backend.put([Samples.put(web)])
            server.backend.with { $0.console = Array("one\ntwo\nthree\n".utf8) }
            let path = "/blixard/v1/namespaces/default/virtualmachines/web/log"
            func text(_ query: [(String, String)]) async throws -> (String, Int64?) {
                let answer = try await client.bytes(path, query: query)
                var bytes: [UInt8] = []
                for try await piece in answer { bytes += piece }
                return (String(decoding: bytes, as: UTF8.self), answer.nextOffset)
            }
            #expect(try await text([]) == ("one\ntwo\nthree\n", 14))
            #expect(try await text([("offset", "4"), ("limit", "3")]) == ("two", 7))
            #expect(try await text([("tailLines", "1")]) == ("three\n", 14))

            let answer = try await client.bytes(path, query: [("follow", "true"), ("tailLines", "1")])
            let pieces = answer.makeAsyncIterator()
            #expect(try await pieces.next() == Array("three\n".utf8))
            server.backend.with { $0.console += Array("four\n".utf8) }
            #expect(try await pieces.next() == Array("four\n".utf8))
            server.service.endStreams()
            #expect(try await pieces.next() == nil)

            let missing = await failure { () async throws(ClientFailure) in
                try await client.bytes(
                    "/blixard/v1/namespaces/default/virtualmachines/none/log", query: [("follow", "true")]
                ).nextOffset
            }
            #expect(missing.code == 404)
            _ = try await client.send(
                "POST", "/blixard/v1/namespaces/default/virtualmachines/web/restart", body: nil, request: nil)
            #expect(server.backend.with { $0.restarted } == [web])
        }
    }

    @Test("Events are listed and found by what they are about")
    func events() async throws {
        try await withServer { server, client in
            let web = Samples.machine("web")
            server.backend.put([Samples.put(web)])
            server.backend.bind(web)
            server.backend.report(
                web,
                events: [
                    EventDraft(regarding: web, uid: nil, type: .normal, reason: "Started", message: "up", source: "node-1")
                ])
            let path = "\(group)/namespaces/default/events"
            let found = try await client.get(
                path, query: [("fieldSelector", "involvedObject.name=web,involvedObject.kind=VirtualMachine,reason=Started")])
            #expect(found["items"]?.array?.count == 1)
            let event = try #require(found["items"]?[0])
            #expect(event["involvedObject"]?["name"] == "web")
            let name = try #require(event["metadata"]?["name"]?.string)
            #expect(try await client.get("\(path)/\(name)") == event)
            let none = try await client.get(path, query: [("fieldSelector", "involvedObject.name=db")])
            #expect(none["items"] == [])
            let table = try await client.get(path, accept: APIClient.acceptTable)
            #expect(table["columnDefinitions"]?[0]?["name"] == "Last Seen")
        }
    }
}
