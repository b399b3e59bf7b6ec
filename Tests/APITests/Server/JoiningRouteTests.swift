import API
import Contract
import Fleet
import JSONText
import Mesh
import Primitives
import Testing

@Suite("Joining and leaving over a socket")
struct JoiningRouteTests {
    private let join = "/blixard/v1/join"

    private func request(_ addresses: JSON, name: JSON = nil) -> JSON {
        [
            "secret": "010203", "key": .string(Samples.stranger.description), "addresses": addresses, "name": name,
            "incarnation": "7",
        ]
    }

    private func refusal(
        _ client: APIClient, _ path: String, _ body: JSON
    ) async -> (code: Int, status: JSON) {
        await failure { () async throws(ClientFailure) in
            try await client.send("POST", path, body: body, request: nil)
        }
    }

    @Test("A newcomer's addresses and name are judged before the cluster hears of them")
    func newcomers() async throws {
        try await withServer { server, client in
            server.connectAs(Samples.stranger)
            let long = String(repeating: "h", count: 20_000) + ":7001"
            for (addresses, name): (JSON, JSON) in [
                ([.string(long)], nil), (["127.0.0.1"], nil), (["h:1", "a b:1"], nil), ([], nil), (nil, nil),
                (.array((1...17).map { .string("h\($0):1") }), nil), (["h:1"], "a/b"), (["h:1"], ""),
            ] {
                let refused = await refusal(client, join, request(addresses, name: name))
                #expect(refused.code == 422, "\(refused.status)")
                #expect((refused.status["message"]?.string?.utf8.count ?? .max) < 500)
            }
            #expect(await refusal(client, join, request([7])).code == 400)
            let taken = try await client.send("POST", join, body: request(["h:1"], name: "node-7"), request: nil)
            #expect(taken["name"] == "node-7")
        }
    }

    @Test("What a newcomer may say, every node can dial")
    func dialable() throws {
        for address in ["h:1", "10.0.0.1:7001", "[fd00::1]:65535", "node-1.example.org:7001"] {
            #expect(JoinRules.problem(ofAddresses: [address]) == nil)
            #expect(try HostPort(address).description == address)
        }
        #expect(JoinRules.addresses == Ticket.addressLimit)
    }

    @Test("A stranger's body, and every other that holds no objects, may have few bytes")
    func bodies() async throws {
        try await withServer { server, client in
            let large: JSON = ["padding": .string(String(repeating: "x", count: 40_000))]
            for path in ["/blixard/v1/tickets", "/blixard/v1/grants", "/blixard/v1/shutdown"] {
                #expect(await refusal(client, path, large).code == 413, "\(path)")
            }
            #expect(await refusal(client, "/blixard/v1/nodes/node-1/remove", large).code == 413)
            #expect(server.backend.with { $0.shutdowns } == [])
            server.connectAs(Samples.stranger)
            let stranger = server.client()
            defer { stranger.close() }
            #expect(await refusal(stranger, join, large).code == 413)
            // Who may not write is told so, however much there is to read.
            #expect(await refusal(stranger, "/blixard/v1/apply", large).code == 403)
        }
    }

    @Test("A ticket is made of what fits, also where a member has an address that no ticket holds")
    func largeMember() async throws {
        try await withServer { server, client in
            let long = String(repeating: "h", count: 20_000) + ":7001"
            server.backend.apply(
                .updateMember(id: 1, addresses: [long, "127.0.0.1:7001"], level: 1), author: nil)
            let answer = try await client.send("POST", "/blixard/v1/tickets", body: [:], request: nil)
            let ticket = try Ticket(try #require(answer["ticket"]?.string))
            #expect(ticket.members.map(\.addresses) == [["127.0.0.1:7001"]])
            server.backend.apply(.updateMember(id: 1, addresses: [long], level: 1), author: nil)
            #expect(await refusal(client, "/blixard/v1/tickets", [:]).code == 500)
            #expect(await refusal(client, "/blixard/v1/tickets", ["forNode": "a/b"]).code == 422)
        }
    }

    private func admit(_ server: TestServer, _ name: String, key: UInt8, ticket: UInt8) {
        let hash = [UInt8](repeating: ticket, count: 32)
        server.backend.apply(
            .createTicket(TicketGrant(secretHash: hash, expiresAt: WallTime(milliseconds: 1_800_000_000_000), uses: 1)),
            author: Samples.admin)
        server.backend.apply(Samples.join(server.backend.fleet, name: name, key: key, ticket: hash), author: nil)
    }

    @Test("A removal that names the member's number is done once, whoever gets the name afterwards")
    func removal() async throws {
        try await withServer { server, client in
            admit(server, "node-b", key: 7, ticket: 1)
            let path = "/blixard/v1/nodes/node-b/remove"
            let first = try await client.send("POST", path, body: ["id": 2], request: nil)
            #expect(first["id"] == 2)
            #expect(server.backend.fleet.members.map(\.id) == [1])
            let again = try await client.send("POST", path, body: ["id": 2], request: nil)
            #expect(again["id"] == 2 && again["name"] == "node-b")
            #expect(await refusal(client, path, [:]).code == 404)

            admit(server, "node-b", key: 8, ticket: 2)
            let late = try await client.send("POST", path, body: ["id": 2], request: nil)
            #expect(late["id"] == 2)
            #expect(server.backend.fleet.members.map(\.id) == [1, 3], "the newcomer stays")
            #expect(await refusal(client, path, ["id": 1]).code == 409)
            #expect(await refusal(client, path, ["id": 99]).code == 404)
            #expect(await refusal(client, path, ["id": "3"]).code == 400)
            #expect(await refusal(client, path, ["id": 0]).code == 400)
            let byName = try await client.send("POST", path, body: nil, request: nil)
            #expect(byName["id"] == 3)
        }
    }

    @Test("Roles are listed, given and taken away by administrators, but not the last administrator's")
    func grants() async throws {
        try await withServer { server, client in
            let path = "/blixard/v1/grants"
            _ = try await client.send(
                "POST", path, body: ["key": .string(Samples.viewer.description), "name": "eve", "role": "viewer"],
                request: nil)
            let listed = try await client.get(path)["grants"]?.array ?? []
            #expect(listed.map { $0["role"]?.string } == ["admin", "viewer"])
            #expect(listed.last == ["key": .string(Samples.viewer.description), "name": "eve", "role": "viewer"])
            func revoke(_ key: String) async -> Int {
                await failure { () async throws(ClientFailure) in
                    try await client.send("DELETE", "\(path)/\(key)", body: nil, request: nil)
                }.code
            }
            _ = try await client.send("DELETE", "\(path)/\(Samples.viewer)", body: nil, request: nil)
            #expect(server.backend.fleet.role(of: Samples.viewer) == nil)
            #expect(await revoke(Samples.viewer.description) == 404)
            #expect(await revoke(Samples.admin.description) == 422)
            #expect(await revoke("abc") == 400)
            server.backend.apply(.grant(key: Samples.viewer, name: "eve", role: .operator), author: Samples.admin)
            server.connectAs(Samples.viewer)
            let other = server.client()
            defer { other.close() }
            for method in ["GET", "DELETE"] {
                let refused = await failure { () async throws(ClientFailure) in
                    if method == "GET" { return try await other.get(path) }
                    return try await other.send("DELETE", "\(path)/\(Samples.admin)", body: nil, request: nil)
                }
                #expect(refused.code == 403)
            }
        }
    }
}
