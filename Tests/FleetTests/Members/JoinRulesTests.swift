import Primitives
import Testing

@testable import Fleet

@Suite("What a newcomer may say of itself")
struct JoinRulesTests {
    private static let longest = String(repeating: "h", count: 250) + ":7001"

    @Test(
        "addresses of a newcomer that can be dialed are taken",
        arguments: ["h:1", "10.0.0.1:7001", "[fd00::1]:65535", "node-1.example.org:7001", longest])
    func addresses(_ address: String) {
        #expect(JoinRules.problem(ofAddresses: [address]) == nil)
    }

    @Test(
        "an address of a newcomer that can't be dialed is refused",
        arguments: [
            "", "h", ":1", "h:", "h:0", "h:65536", "h:+1", "h:1x", "h:0000001", "fd00::1:7001", "[]:1", "a b:1",
            "a/b:1",
            "é:1", "h\n:1", "[h:1", "h" + longest,
        ])
    func noAddress(_ address: String) {
        #expect(JoinRules.problem(ofAddresses: ["h:1", address])?.hasPrefix("addresses[1]: ") == true)
    }

    @Test("a newcomer has 1 to 16 addresses")
    func count() {
        #expect(JoinRules.problem(ofAddresses: []) != nil)
        #expect(JoinRules.problem(ofAddresses: (1...16).map { "h\($0):1" }) == nil)
        #expect(JoinRules.problem(ofAddresses: (1...17).map { "h\($0):1" }) != nil)
    }

    @Test("names of newcomers are labels, and a problem with one is short whatever the name")
    func names() {
        #expect(JoinRules.problem(ofName: "node-1") == nil)
        for name in ["", "a/b", "Node", "a.b", "-a", String(repeating: "a", count: 64)] {
            #expect(JoinRules.problem(ofName: name) != nil)
        }
        #expect((JoinRules.problem(ofName: String(repeating: "a/", count: 10_000))?.utf8.count ?? 0) < 1000)
    }

    @Test("the fleet takes in no newcomer that the rules of joining refuse")
    func joins() {
        var scenario = Scenario()
        let hash = [UInt8](repeating: 1, count: 32)
        let expiry = WallTime(milliseconds: scenario.clock * 2)
        scenario.run(.createTicket(.init(secretHash: hash, expiresAt: expiry, uses: 9)))
        var join = scenario.join("n2", key: 2, ticket: hash)
        join.addresses = [String(repeating: "h", count: 20_000) + ":1"]
        #expect(scenario.run(.join(join)).reasons == [.invalid])
        join.addresses = []
        #expect(scenario.run(.join(join)).reasons == [.invalid])
        join.addresses = ["h:1"]
        join.name = "a/b"
        #expect(scenario.run(.join(join)).reasons == [.invalid])
        #expect(scenario.fleet.members.count == 1)
        join.name = "b"
        scenario.run(.join(join))
        #expect(scenario.fleet.members.map(\.name) == ["n1", "b"])
    }
}
