import API
import Contract
import Fleet
import JSONText
import Primitives
import Testing

@Suite("JSON patches over a socket")
struct JSONPatchRouteTests {
    private let web = "/apis/blixard.dev/v1/namespaces/default/virtualmachines/web"

    private func patch(_ client: APIClient, _ operations: JSON) async throws(ClientFailure) -> JSON {
        try await client.send("PATCH", web, body: operations, contentType: MediaType.jsonPatch, request: nil)
    }

    @Test("A JSON patch changes the object as clients read it, defaults among its values")
    func applies() async throws {
        try await withServer { server, client in
            server.backend.put([Samples.put(Samples.machine("web"), labels: ["app": "a"])])
            let patched = try await patch(
                client,
                [
                    ["op": "test", "path": "/spec/vcpus", "value": 1],
                    ["op": "replace", "path": "/spec/vcpus", "value": 2],
                    ["op": "remove", "path": "/metadata/labels/app"],
                    ["op": "add", "path": "/metadata/labels/example.org~1tier", "value": "front"],
                ])
            #expect(patched["spec"]?["vcpus"] == 2)
            #expect(patched["metadata"]?["labels"] == ["example.org/tier": "front"])
            // What stood at its default is stored no other way than before.
            let stored = server.backend.fleet[Samples.machine("web")]?.spec
            #expect(stored.map { String(decoding: $0, as: UTF8.self) } == #"{"vcpus":2}"#)
            let same = try await patch(client, [["op": "replace", "path": "/spec/vcpus", "value": 2]])
            #expect(same["metadata"]?["resourceVersion"] == patched["metadata"]?["resourceVersion"])
        }
    }

    @Test("A JSON patch that can't be applied changes nothing, and says which operation and why")
    func refusals() async throws {
        try await withServer { server, client in
            server.backend.put([Samples.put(Samples.machine("web"))])
            let before = server.backend.fleet
            func refusal(_ operations: JSON) async -> (code: Int, message: String) {
                let refused = await failure { () async throws(ClientFailure) in try await patch(client, operations) }
                return (refused.code, refused.status["message"]?.string ?? "")
            }
            let test = await refusal([
                ["op": "replace", "path": "/spec/vcpus", "value": 2],
                ["op": "test", "path": "/spec/memory", "value": "7Gi"],
            ])
            #expect(test.code == 422)
            #expect(test.message.hasSuffix("operation 1: /spec/memory: the value is not the one that was tested for"))
            #expect(await refusal([["op": "remove", "path": "/status"]]).code == 422)
            #expect(await refusal([["op": "jump", "path": "/spec"]]).code == 400)
            #expect(await refusal(["spec": ["vcpus": 2]]).code == 400)
            #expect(await refusal([["op": "add", "path": "/spec/vcpuz", "value": 1]]).code == 400)
            #expect(await refusal([["op": "replace", "path": "/metadata/name", "value": "db"]]).code == 400)
            #expect(await refusal([["op": "replace", "path": "/metadata/resourceVersion", "value": "1"]]).code == 409)
            #expect(await refusal([["op": "replace", "path": "", "value": 7]]).code == 400)
            #expect(server.backend.fleet == before)
        }
    }
}
