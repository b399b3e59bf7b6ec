import Contract
import Fleet
import JSONText
import Manifest
import Primitives
import Testing

@testable import API

@Suite("Changes through a node that is behind")
struct LaggingTests {
    private let web = "/apis/blixard.dev/v1/namespaces/default/virtualmachines/web"

    /// The node that is asked has applied the machine's first generation, and the cluster has its second.
    private func fallBehind(_ server: TestServer) {
        server.backend.put([Samples.put(Samples.machine("web"))])
        let behind = server.backend.fleet
        server.backend.put([Samples.put(Samples.machine("web"), spec: #"{"vcpus":2}"#)])
        server.backend.with { $0.lagging = behind }
    }

    private func patch(_ client: APIClient, _ spec: JSON, _ request: UInt64) async throws -> JSON {
        try await client.send(
            "PATCH", web, body: ["spec": spec], contentType: MediaType.mergePatch, request: Samples.request(request))
    }

    @Test("A change that says nothing of versions is made anew, although its first refusal is kept")
    func changesAnew() async throws {
        try await withServer { server, client in
            fallBehind(server)
            let patched = try await patch(client, ["memory": "1Gi"], 1)
            #expect(patched["spec"]?["memory"] == "1Gi")
            #expect(patched["spec"]?["vcpus"] == 2)
            #expect(server.backend.with { $0.requests } == [Samples.request(1), Samples.request(1).attempt(2)])
            let replaced = try await client.send(
                "PUT", web, body: Samples.manifest("web", spec: ["vcpus": 4]), request: Samples.request(2))
            #expect(replaced["spec"]?["vcpus"] == 4)
        }
    }

    @Test("A change that names its version is refused when the version is old")
    func statedVersion() async throws {
        try await withServer { server, client in
            fallBehind(server)
            let old = try #require(server.backend.with { $0.lagging?[Samples.machine("web")]?.resourceVersion })
            let refused = await failure { () async throws(ClientFailure) in
                try await client.send(
                    "PATCH", web,
                    body: ["metadata": ["resourceVersion": .string(String(old))], "spec": ["vcpus": 3]],
                    contentType: MediaType.mergePatch, request: Samples.request(1))
            }
            #expect(refused.code == 409)
            #expect(server.backend.with { $0.requests } == [Samples.request(1)])
        }
    }

    @Test("A client's own repetition is applied once, on the same node and on one that has applied everything")
    func repetition() async throws {
        try await withServer { server, client in
            fallBehind(server)
            _ = try await patch(client, ["memory": "1Gi"], 1)
            // Somebody else changes it back before the client, whose answer was lost, asks again.
            _ = try await patch(client, ["memory": "2Gi"], 2)
            let generation = server.backend.fleet[Samples.machine("web")]?.generation
            for isBehind in [true, false] {
                if !isBehind { server.backend.with { $0.lagging = nil } }
                let again = try await patch(client, ["memory": "1Gi"], 1)
                #expect(again["spec"]?["memory"] == "2Gi", "the object as it is, and not changed once more")
                #expect(server.backend.fleet[Samples.machine("web")]?.generation == generation)
            }
        }
    }

    @Test("A repetition begins with its own id also where nothing likely could be sent")
    func repetitionElsewhere() async throws {
        try await withServer { server, client in
            server.backend.put([Samples.put(Samples.machine("web"))])
            _ = try await patch(client, ["memory": "1Gi"], 1)
            let generation = server.backend.fleet[Samples.machine("web")]?.generation
            // This node has not applied the machine at all.
            server.backend.with { $0.lagging = Fleet() }
            _ = try await patch(client, ["memory": "1Gi"], 1)
            #expect(server.backend.with { $0.requests } == [Samples.request(1), Samples.request(1)])
            #expect(server.backend.fleet[Samples.machine("web")]?.generation == generation)
        }
    }

    @Test("The ids of further attempts follow from the first, each another")
    func derivedIDs() {
        let request = Samples.request(1)
        #expect(request.attempt(1) == request)
        #expect(request.attempt(2) == Samples.request(1).attempt(2))
        let ids = (1...6).flatMap { number in (1...6).map { Samples.request(UInt64(number)).attempt($0) } }
        #expect(Set(ids).count == 36)
        // Nodes of different versions must walk the same ids.
        #expect(RequestID(high: 1, low: 2).attempt(2).description == "bbb1d3f3a614b5b93c82f4a4c4fe1b08")
    }

    @Test("A dry run is refused for what the write itself would be refused for")
    func rehearsal() async throws {
        try await withServer { server, client in
            server.backend.put([Samples.put(Samples.machine("web"))])
            server.backend.with {
                $0.admissionRefusals = [
                    Refusal(
                        reason: .invalid, key: Samples.machine("web"), field: "spec.disks[0].size",
                        message: "a disk may not shrink")
                ]
            }
            for dryRun in [[("dryRun", "All")], []] {
                let refused = await failure { () async throws(ClientFailure) in
                    try await client.send(
                        "PATCH", web, query: dryRun, body: ["spec": ["vcpus": 2]],
                        contentType: MediaType.mergePatch, request: nil)
                }
                #expect(refused.code == 422)
                #expect(refused.status["message"]?.string?.contains("a disk may not shrink") == true)
            }
        }
    }
}
