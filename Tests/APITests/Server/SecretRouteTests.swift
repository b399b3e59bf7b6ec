import API
import Contract
import Fleet
import JSONText
import Manifest
import Primitives
import Sealing
import Testing

@Suite("Routes of Secrets over a socket")
struct SecretRouteTests {
    private static let secrets = "/apis/blixard.dev/v1/namespaces/default/secrets"
    private static let key = ObjectKey(kind: "Secret", namespace: "default", name: "db")
    private static let plain: JSON = [
        "apiVersion": "blixard.dev/v1", "kind": "Secret", "metadata": ["name": "db"],
        "stringData": ["password": "hunter2"],
    ]

    /// A server whose cluster has a key.
    private func withKey(
        _ body: (TestServer, APIClient) async throws -> Void
    ) async throws {
        try await withServer { server, client in
            _ = try await client.send("POST", OwnPath.secretsKeyRotation.text, body: nil, request: nil)
            try await body(server, client)
        }
    }

    private func stored(_ server: TestServer) throws -> SecretSpec {
        try SecretSpec(stored: try #require(server.backend.fleet[Self.key]))
    }

    @Test("values are sealed before anything is recorded, whichever way they come, and what is the same stays so")
    func sealing() async throws {
        try await withKey { server, client in
            let created = try await client.send("POST", Self.secrets, body: Self.plain, request: nil)
            #expect(created["data"] == nil && created["stringData"] == nil)
            #expect(!String(decoding: created.canonicalBytes, as: UTF8.self).contains("hunter2"))
            var values = try server.backend.sealer.open(stored(server), of: Self.key)
            #expect(values == ["password": Array("hunter2".utf8)])

            // The same by an apply, by a replacement, and by what was read.
            let apply: JSON = ["documents": [Self.plain]]
            let report = try await client.send("POST", OwnPath.apply.text, body: apply, request: nil)
            #expect(report["results"]?[0]?["operation"] == "unchanged")
            for body in [Self.plain, created] {
                let replaced = try await client.send("PUT", "\(Self.secrets)/db", body: body, request: nil)
                #expect(replaced["metadata"]?["generation"] == 1)
            }

            let patched = try await client.send(
                "PATCH", "\(Self.secrets)/db", body: ["stringData": ["token": "t"], "data": ["password": "eA=="]],
                contentType: MediaType.mergePatch, request: nil)
            #expect(patched["metadata"]?["generation"] == 2)
            values = try server.backend.sealer.open(stored(server), of: Self.key)
            #expect(values == ["password": Array("x".utf8), "token": Array("t".utf8)])
            _ = try await client.send(
                "PATCH", "\(Self.secrets)/db", body: ["metadata": ["labels": ["a": "b"]]],
                contentType: MediaType.mergePatch, request: nil)
            #expect(try server.backend.sealer.open(stored(server), of: Self.key) == values)

            // What is sealed belongs to its place.
            var moved = created
            moved["metadata"] = ["name": "other"]
            let refusal = await failure { () async throws(ClientFailure) in
                try await client.send("POST", Self.secrets, body: moved, request: nil)
            }
            #expect(refusal.code == 422)
            #expect(refusal.status["message"]?.string?.contains("no key of this node opens it") == true)
        }
    }

    @Test("a plan shows which value changes and answers the Secret sealed, for its file")
    func plan() async throws {
        try await withKey { _, client in
            let answer = try await client.send(
                "POST", OwnPath.plan.text, body: ["documents": [Self.plain]], request: nil)
            let secret = try #require(answer["secrets"]?[0])
            #expect(secret["data"] == nil && secret["spec"]?["sealed"]?["password"]?.string?.hasPrefix("1.") == true)
            #expect(!String(decoding: answer.canonicalBytes, as: UTF8.self).contains("hunter2"))
            let report = try await client.send(
                "POST", OwnPath.apply.text, body: ["documents": [secret]], request: nil)
            #expect(report["results"]?[0]?["operation"] == "created")
            let again = try await client.send(
                "POST", OwnPath.apply.text, body: ["documents": [Self.plain]], request: nil)
            #expect(again["results"]?[0]?["operation"] == "unchanged")
        }
    }

    @Test("values are revealed to an administrator alone, and that is an event first")
    func revealing() async throws {
        try await withKey { server, client in
            _ = try await client.send("POST", Self.secrets, body: Self.plain, request: nil)
            let path = OwnPath.reveal(namespace: "default", secret: "db").text
            let answer = try await client.send("POST", path, body: nil, request: nil)
            #expect(answer == ["data": ["password": .string(Base64.encode(Array("hunter2".utf8)))]])
            #expect(server.backend.fleet.events(for: Self.key).map(\.reason) == ["Revealed"])
            let missing = await failure { () async throws(ClientFailure) in
                try await client.send(
                    "POST", OwnPath.reveal(namespace: "default", secret: "no").text, body: nil, request: nil)
            }
            #expect(missing.code == 404)
            // Not recorded, not shown.
            server.backend.with { $0.failure = APIStatus(.serviceUnavailable, "no quorum") }
            let unrecorded = await failure { () async throws(ClientFailure) in
                try await client.send("POST", path, body: nil, request: nil)
            }
            #expect(unrecorded.code == 503)
        }
    }

    @Test("keys go to members alone, and members have each other keep them")
    func keys() async throws {
        try await withKey { server, client in
            let refused = await failure { () async throws(ClientFailure) in
                try await client.get(OwnPath.secretsKeys.text)
            }
            #expect(refused.code == 403)
            let kept = server.backend.sealer.keyring
            let offer = SecretsKeyOffer(
                keys: SecretsKeys(keys: [SharedSecretsKey(version: 2, bytes: [UInt8](repeating: 7, count: 32))]))
            let denied = await failure { () async throws(ClientFailure) in
                try await client.send("POST", OwnPath.secretsKeys.text, body: offer.json, request: nil)
            }
            #expect(denied.code == 403 && server.backend.sealer.keyring == kept)
        }
    }

    @Test("without a key nothing is sealed, and it is said how a key is made")
    func noKey() async throws {
        try await withServer { server, client in
            let refusal = await failure { () async throws(ClientFailure) in
                try await client.send("POST", Self.secrets, body: Self.plain, request: nil)
            }
            #expect(refusal.code == 409)
            #expect(refusal.status["message"]?.string?.contains("rotate-secrets-key") == true)
            #expect(server.backend.fleet[Self.key] == nil)
        }
    }
}
