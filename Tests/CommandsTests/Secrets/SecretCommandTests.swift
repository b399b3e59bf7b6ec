import Contract
import JSONText
import Primitives
import Testing

@testable import Commands

/// Answers as a cluster with the Secret "db" would.
private func answer(_ call: FakeConnection.Call) throws(ClientFailure) -> JSON {
    if call.path.hasSuffix("/reveal") {
        return RevealedSecret(values: ["password": Array("hunter2".utf8), "key": [0xff, 0x00], "bell": [0x07]]).json
    }
    if call.path.hasSuffix("/rotate") {
        return SecretsKeyRotation(version: 4, members: ["node-1", "node-\u{1b}2"]).json
    }
    if call.path.hasSuffix("/events") { return Samples.list([], kind: "EventList") }
    return [
        "apiVersion": "blixard.dev/v1", "kind": "Secret", "metadata": ["name": "db", "namespace": "default"],
        "spec": ["sealed": ["password": "1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"]],
    ]
}

@Suite("Commands for Secrets")
struct SecretCommandTests {
    private func run(_ arguments: [String]) async -> Bench.Result {
        await Bench(FakeConnection { call throws(ClientFailure) in try answer(call) }).run(arguments)
    }

    @Test("values are shown by --reveal alone: text as it is but for what a terminal obeys, other bytes in base64")
    func reveal() async {
        let shown = await run(["get", "secret", "db", "--reveal"])
        #expect(shown.code == 0)
        #expect(shown.output.contains("password: hunter2\n"))
        #expect(shown.output.contains("key: /wA= (base64 of 2 bytes that are no text)\n"))
        #expect(!shown.output.contains("\u{07}") && shown.output.contains("bell: "))
        let json = await run(["get", "secret/db", "--reveal", "-o", "json"])
        #expect(json.output.contains(#""password": "aHVudGVyMg==""#) && !json.output.contains("sealed"))
        let path = await run(["get", "secret", "db", "--reveal", "-o", "jsonpath={.data.password}"])
        #expect(path.output == "aHVudGVyMg==")
        let described = await run(["describe", "secret", "db"])
        #expect(described.output.contains("password: 2 bytes, sealed (") && !described.output.contains("AAEC"))
    }

    @Test(
        "--reveal is for Secrets by their names",
        arguments: [
            ["get", "secrets", "--reveal"], ["get", "vm", "web", "--reveal"], ["get", "secret,vm", "--reveal"],
            ["get", "secret", "db", "--reveal", "-o", "wide"],
        ])
    func refused(arguments: [String]) async {
        let refused = await run(arguments)
        #expect(refused.code == 1 && refused.errors.contains("--reveal"))
        #expect(refused.output.isEmpty)
    }

    @Test("a rotation says which key seals and who keeps it")
    func rotation() async {
        let rotated = await run(["cluster", "rotate-secrets-key"])
        #expect(rotated.code == 0)
        #expect(rotated.output.hasPrefix("key 4 for secrets seals now; kept by node-1, node-"))
        #expect(!rotated.output.contains("\u{1b}"))
    }
}
