import API
import Contract
import Fleet
import JSONText
import Manifest
import Primitives
import Testing

@Suite("Routes over a socket")
struct RouteTests {
    private let group = "/apis/blixard.dev/v1"
    private let machines = "/apis/blixard.dev/v1/namespaces/default/virtualmachines"

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
            #expect(
                resources.compactMap { $0["name"]?.string } == [
                    "events", "gitrepositories", "images", "manifestsets", "nodes", "secrets", "virtualmachines",
                ])
            let aggregated = try await client.get(
                "/apis",
                accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json")
            #expect(aggregated["kind"] == "APIGroupDiscoveryList")
            #expect(aggregated["items"]?[0]?["versions"]?[0]?["resources"]?.array?.count == 7)
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
                contentType: MediaType.mergePatch, request: nil)
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
                "POST", "/blixard/v1/apply", query: [("dryRun", "All")],
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
            let table = try await client.get(machines, accept: MediaType.table)
            #expect(table["rows"]?.array?.count == 2)
            let full = try await client.get(
                "\(machines)/a", query: [("includeObject", "Object")], accept: MediaType.table)
            #expect(full["rows"]?[0]?["object"]?["spec"]?["vcpus"] == 1)
        }
    }

    @Test("Invalid documents, paths, types and methods are refused with their codes")
    func refusals() async throws {
        try await withServer { _, client in
            func code(
                _ method: String, _ path: String, _ body: JSON?, type: String = MediaType.json
            ) async -> (code: Int, status: JSON) {
                await failure { () async throws(ClientFailure) in
                    try await client.send(method, path, body: body, contentType: type, request: nil)
                }
            }
            #expect(await code("POST", machines, Samples.manifest("web", spec: ["vcpuz": 1])).code == 400)
            #expect(await code("POST", machines, Samples.manifest("web", spec: ["vcpus": 0])).code == 422)
            #expect(await code("POST", machines, Samples.manifest("Web_")).code == 422)
            #expect(await code("POST", "\(group)/namespaces/default/events", Samples.manifest("e")).code == 405)
            #expect(
                await code("PATCH", "\(machines)/web", [:], type: "application/strategic-merge-patch+json").code == 415)
            #expect(await code("PATCH", "\(machines)/web", [:], type: MediaType.mergePatch).code == 404)
            #expect(await code("PUT", "\(machines)/web", Samples.manifest("web")).code == 404)
            #expect(await code("POST", "/blixard/v1/apply", ["documents": []]).code == 400)
            #expect(await code("POST", "/blixard/v1/apply", []).code == 400)
            #expect(await code("POST", "/blixard/v1/delete", ["objects": [["kind": "Pod", "name": "x"]]]).code == 400)
            #expect(await code("POST", "/apis/apps/v1/deployments", [:]).code == 404)
            let nothing = await failure { () async throws(ClientFailure) in try await client.get("\(group)/pods") }
            #expect(nothing.status["message"] == "the server could not find the requested resource")
        }
    }
}
