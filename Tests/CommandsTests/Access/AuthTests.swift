import Contract
import JSONText
import Primitives
import Testing

@testable import Commands

@Suite("auth")
struct AuthTests {
    private static let key = FakeNodes.key(7)

    private func bench(_ role: String, _ rights: [CallerRight]) -> Bench {
        let answer = WhoAmI(key: Self.key, name: "alice", role: role, rights: rights.map(\.rawValue)).json
        return Bench(FakeConnection { _ in answer })
    }

    @Test("whoami prints the name, the role and the key")
    func whoami() async {
        let bench = bench("viewer", [.read])
        #expect(
            await bench.run("auth", "whoami").output == """
                ATTRIBUTE   VALUE
                Name        alice
                Role        viewer
                Key         \(Self.key)

                """)
        #expect(await bench.run("auth", "whoami", "-o", "json").output.contains("\"role\": \"viewer\""))
        #expect(await bench.run("auth", "whoami", "-o", "name").code == 1)
        #expect(bench.connection.calls[0].path == "/blixard/v1/whoami")
    }

    @Test(
        "can-i answers yes or no, with the exit code 0 or 1",
        arguments: [
            (["get", "vms"], true), (["watch", "events"], true), (["delete", "vm/web"], false),
            (["update", "node", "node-1"], false), (["start", "vm"], false), (["create", "grants"], false),
        ])
    func canI(words: [String], isAllowed: Bool) async {
        let viewer = await bench("viewer", [.read]).run(["auth", "can-i"] + words)
        #expect(
            viewer == Bench.Result(code: isAllowed ? 0 : 1, output: isAllowed ? "yes\n" : "no\n", errors: ""))
        let admin = await bench("admin", CallerRight.allCases).run(["auth", "can-i"] + words)
        #expect(admin == Bench.Result(code: 0, output: "yes\n", errors: ""))
    }

    @Test("can-i --list prints what the role may do")
    func list() async {
        #expect(
            await bench("viewer", [.read]).run("auth", "can-i", "--list").output == """
                RESOURCES         VERBS
                events            [get list watch]
                gitrepositories   [get list watch]
                images            [get list watch]
                manifestsets      [get list watch]
                nodes             [get list watch]
                secrets           [get list watch]
                virtualmachines   [get list watch logs]

                """)
        let admin = await bench("admin", CallerRight.allCases).run("auth", "can-i", "--list")
        #expect(admin.output.contains("nodes             [get list watch create update patch delete remove]\n"))
        #expect(admin.output.contains("tickets           [create]\n"))
    }

    @Test("a key that is not admitted may do nothing, and is told how it would be admitted")
    func stranger() async {
        let bench = Bench(
            FakeConnection { _ throws(ClientFailure) in
                throw .refusal("Forbidden", "the key is not admitted", code: 403)
            })
        let result = await bench.run("auth", "can-i", "get", "vms")
        #expect(
            result
                == Bench.Result(
                    code: 1, output: "no\n", errors: "Error from server (Forbidden): the key is not admitted\n"))
    }

    @Test("words that are no verb and type are refused before anything is asked")
    func refused() async {
        let bench = bench("admin", CallerRight.allCases)
        for words in [
            [], ["get"], ["create", "events"], ["jump", "vms"], ["get", "pods"], ["get", "vm/"], ["get", "vm/a", "b"],
            ["--list", "get"], ["get", "vm", "a", "b"],
        ] {
            #expect(await bench.run(["auth", "can-i"] + words).code == 1, "\(words)")
        }
        #expect(bench.connection.calls.isEmpty)
    }
}
