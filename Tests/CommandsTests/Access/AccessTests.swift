import Contract
import JSONText
import Primitives
import Testing

@testable import Commands

@Suite("access")
struct AccessTests {
    private let key = String(repeating: "ab", count: 32)

    @Test("roles are listed with the keys that have them")
    func list() async throws {
        let other = FakeNodes.key(2)
        let grants = GrantList(
            grants: [
                Grant(key: try #require(PublicKey(hex: key)), name: "alice", role: .admin),
                Grant(key: other, name: "bob", role: .viewer),
            ], revision: 7
        ).json
        let bench = Bench(FakeConnection { _ in grants })
        #expect(
            await bench.run("access", "list").output == """
                NAME    ROLE     KEY
                alice   admin    \(key)
                bob     viewer   \(other)

                """)
        #expect(await bench.run("access", "list", "-o", "json").output == grants.prettyText)
        #expect(await bench.run("access", "list", "-o", "name").code == 1)
        #expect(bench.connection.calls.allSatisfy { $0.path == "/blixard/v1/grants" })
    }

    @Test("a role is given and taken away by the key, each with one request that is sent once")
    func change() async throws {
        let grant = Grant(key: try #require(PublicKey(hex: key)), name: "alice", role: .operator)
        let bench = Bench(
            FakeConnection { call in
                call.method == "POST"
                    ? GrantAnswer(grant: grant, revision: 8).json : RevocationAnswer(key: grant.key, revision: 9).json
            })
        let upper = key.uppercased()
        #expect(
            await bench.run("access", "grant", upper, "--role", "operator", "--name", "alice")
                == Bench.Result(code: 0, output: "key \(key) granted the role operator\n", errors: ""))
        #expect(
            await bench.run("access", "revoke", upper)
                == Bench.Result(code: 0, output: "key \(key) has no role any more\n", errors: ""))
        let writes = bench.connection.writes
        #expect(writes.map(\.method) == ["POST", "DELETE"])
        #expect(writes.map(\.path) == ["/blixard/v1/grants", "/blixard/v1/grants/\(key)"])
        #expect(writes[0].body == ["key": .string(key), "role": "operator", "name": "alice"])
        #expect(writes.allSatisfy { $0.request == nil })
    }

    @Test("a wrong key or role is refused before anybody is asked")
    func wrong() async {
        let bench = Bench(FakeConnection { _ in [:] })
        let short = await bench.run("access", "revoke", "abc")
        #expect(short.code == 1)
        #expect(short.errors == "error: \"abc\" is no key: it must be 64 hexadecimal digits\n")
        #expect(await bench.run("access", "grant", key, "--role", "root").code == 1)
        #expect(await bench.run("access", "grant", key).code == 1)
        #expect(bench.connection.calls.isEmpty)
    }

    @Test("whoever lost the answer is told where to look")
    func lost() async {
        let bench = Bench(
            FakeConnection { _ throws(ClientFailure) in
                throw .lostAnswer(request: nil, reason: "the connection was closed")
            })
        let result = await bench.run("access", "revoke", key)
        #expect(result.code == 1)
        #expect(result.errors.hasSuffix("It may have taken effect: see `blixard access list`.\n"))
        #expect(bench.connection.writes.count == 1)
    }
}
