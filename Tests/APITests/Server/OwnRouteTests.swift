import API
import Contract
import Fleet
import JSONText
import Manifest
import Primitives
import Testing

@Suite("Our own routes over a socket")
struct OwnRouteTests {
    private let group = "/apis/blixard.dev/v1"

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
            first = try await client.send(
                "POST", "/blixard/v1/apply", body: ["documents": body["documents"]!], request: nil)
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
            let observed = try ObservedAnswer(answer: try await client.get(OwnPath.observed.text))
            #expect(await observed == server.backend.observed())
            _ = try await client.send("POST", "/blixard/v1/shutdown", body: ["stopMachines": true], request: nil)
            #expect(server.backend.with { $0.shutdowns } == [true])

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
                "incarnation": "18446744073709551615",
            ]
            let joined = try await stranger.send("POST", "/blixard/v1/join", body: join, request: nil)
            #expect(joined["id"] == 2)
            #expect(joined["members"]?[0]?["name"] == "node-1")
            #expect(server.backend.with { $0.incarnations } == [.max])
            for wrong: JSON in ["0", "", "x", 7, nil] {
                var other = join
                other["incarnation"] = wrong
                let refused = await failure { () async throws(ClientFailure) in
                    try await stranger.send("POST", "/blixard/v1/join", body: other, request: nil)
                }
                #expect(refused.code == 400)
            }
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
                return (String(decoding: bytes, as: UTF8.self), answer.position.nextOffset)
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
                ).position.nextOffset
            }
            #expect(missing.code == 404)
        }
    }

    @Test("A machine is started and restarted on request, or the answer says why not", arguments: MachineVerb.allCases)
    func verbs(verb: MachineVerb) async throws {
        try await withServer { server, client in
            server.backend.put([Samples.put(Samples.machine("web"))])
            let path = "/blixard/v1/namespaces/default/virtualmachines/web/\(verb.rawValue)"
            let answer = try await client.send("POST", path, body: nil, request: nil)
            #expect(answer["outcome"]?.string == (verb == .start ? "starting" : "restarting"))
            #expect(server.backend.with { $0.performed } == ["\(verb.rawValue) web"])
            server.backend.with { $0.verbRefusal = "web is stopped by hand" }
            let refused = await failure { () async throws(ClientFailure) in
                try await client.send("POST", path, body: nil, request: nil)
            }
            #expect(refused.code == 409 && refused.status["reason"] == "Conflict")
            #expect(refused.status["message"] == "web is stopped by hand")
        }
    }

    @Test("A Git repository is fetched on request, or the answer says why not")
    func reconcile() async throws {
        try await withServer { server, client in
            let infra = KindInfo.gitRepository.key(namespace: "", name: "infra")
            let path = "/blixard/v1/gitrepositories/infra/reconcile"
            let missing = await failure { () async throws(ClientFailure) in
                try await client.send("POST", path, body: nil, request: nil)
            }
            #expect(missing.code == 404)
            server.backend.put([Samples.put(infra, spec: #"{"url":"/srv/infra"}"#)])
            let answer = try ReconcileAnswer(answer: try await client.send("POST", path, body: nil, request: nil))
            #expect(!answer.waits)
            #expect(server.backend.with { $0.performed } == ["reconcile infra"])
            server.backend.with { $0.verbRefusal = "infra is suspended" }
            let refused = await failure { () async throws(ClientFailure) in
                try await client.send("POST", path, body: nil, request: nil)
            }
            #expect(refused.code == 409 && refused.status["message"] == "infra is suspended")
        }
    }

    @Test("A followed log ends with the reason when there is no more to follow")
    func logOfDeleted() async throws {
        try await withServer { server, client in
            let web = Samples.machine("web")
            server.backend.put([Samples.put(web)])
            server.backend.with { $0.console = Array("one\n".utf8) }
            let answer = try await client.bytes(
                "/blixard/v1/namespaces/default/virtualmachines/web/log", query: [("follow", "true")])
            let pieces = answer.makeAsyncIterator()
            #expect(try await pieces.next() == Array("one\n".utf8))
            server.backend.delete(web)
            let end = await failure { () async throws(ClientFailure) in try await pieces.next() }
            #expect(end.code == 404)
            #expect(end.status["message"]?.string?.contains("web") == true)
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
                    EventDraft(
                        regarding: web, uid: nil, type: .normal, reason: "Started", message: "up", source: "node-1")
                ])
            let path = "\(group)/namespaces/default/events"
            let found = try await client.get(
                path,
                query: [("fieldSelector", "involvedObject.name=web,involvedObject.kind=VirtualMachine,reason=Started")])
            #expect(found["items"]?.array?.count == 1)
            let event = try #require(found["items"]?[0])
            #expect(event["involvedObject"]?["name"] == "web")
            let name = try #require(event["metadata"]?["name"]?.string)
            #expect(try await client.get("\(path)/\(name)") == event)
            let none = try await client.get(path, query: [("fieldSelector", "involvedObject.name=db")])
            #expect(none["items"] == [])
            let table = try await client.get(path, accept: MediaType.table)
            #expect(table["columnDefinitions"]?[0]?["name"] == "Last Seen")
        }
    }
}
