import API
import Contract
import Fleet
import JSONText
import Manifest
import Primitives
import Testing

@Suite("Who may do what")
struct AccessTests {
    private let machines = "/apis/blixard.dev/v1/namespaces/default/virtualmachines"

    @Test("A key that is not admitted is told its own name and how to be admitted")
    func strangers() async throws {
        try await withServer { server, client in
            server.connectAs(Samples.stranger)
            let refused = await failure { () async throws(ClientFailure) in try await client.get(machines) }
            #expect(refused.code == 403)
            #expect(refused.status["reason"] == "Forbidden")
            let message = refused.status["message"]?.string ?? ""
            #expect(message.contains("User \"\(Samples.stranger.short)\" cannot GET path \"\(machines)\""))
            #expect(message.contains(Samples.stranger.description))
            #expect(message.contains("blixard access grant \(Samples.stranger) --role"))
        }
    }

    @Test("A node that has no state yet says so, instead of calling anybody a stranger")
    func newcomer() async throws {
        try await withServer { server, client in
            server.backend.with { $0.fleet = Fleet() }
            let refused = await failure { () async throws(ClientFailure) in try await client.get(machines) }
            #expect(refused.code == 503)
            #expect(refused.status["message"]?.string?.contains("has not received the cluster's state") == true)
        }
    }

    @Test("A viewer reads and does not write; only an administrator grants")
    func viewers() async throws {
        try await withServer { server, client in
            server.backend.apply(.grant(key: Samples.viewer, name: "eve", role: .viewer), author: Samples.admin)
            server.connectAs(Samples.viewer)
            let list = try await client.get(machines)
            #expect(list["kind"] == "VirtualMachineList")
            for (method, path) in [
                ("POST", machines), ("PUT", "\(machines)/web"), ("PATCH", "\(machines)/web"),
                ("DELETE", "\(machines)/web"), ("POST", "/blixard/v1/apply"), ("POST", "/blixard/v1/delete"),
                ("POST", "/blixard/v1/tickets"), ("POST", "/blixard/v1/shutdown"), ("POST", "/blixard/v1/grants"),
                ("POST", "/blixard/v1/namespaces/default/virtualmachines/web/restart"),
            ] {
                let refused = await failure { () async throws(ClientFailure) in
                    try await client.send(method, path, body: nil, request: nil)
                }
                #expect(refused.code == 403, "\(method) \(path)")
                #expect(refused.status["message"]?.string?.contains("viewer") == true)
            }
            server.backend.apply(.grant(key: Samples.viewer, name: "eve", role: .operator), author: Samples.admin)
            // A ticket makes a member, and a member is believed when it says whose command it hands on.
            for path in ["/blixard/v1/grants", "/blixard/v1/tickets", "/blixard/v1/nodes/node-1/remove"] {
                let refused = await failure { () async throws(ClientFailure) in
                    try await client.send("POST", path, body: nil, request: nil)
                }
                #expect(refused.code == 403, "\(path)")
            }
        }
    }

    @Test(
        "A caller is told who it is, and what it may do, by the rules that it is judged by",
        arguments: UserRole.allCases)
    func whoami(role: UserRole) async throws {
        try await withServer { server, client in
            server.backend.apply(
                .grant(key: Samples.viewer, name: "eve", role: role.accessRole), author: Samples.admin)
            server.connectAs(Samples.viewer)
            let answer = try WhoAmI(json: try await client.get(OwnPath.whoami.text))
            let rights: [CallerRight] =
                switch role {
                case .viewer: [.read]
                case .operator: [.read, .write, .relay]
                case .admin: CallerRight.allCases
                }
            #expect(
                answer
                    == WhoAmI(
                        key: Samples.viewer, name: "eve", role: role.rawValue, rights: rights.map(\.rawValue)))
            server.connectAs(server.backend.local.key)
            let member = server.client()
            defer { member.close() }
            let node = try WhoAmI(json: try await member.get(OwnPath.whoami.text))
            #expect(node.name == "node-1" && node.role == "node" && node.may(.relay) && !node.may(.write))
            server.connectAs(Samples.stranger)
            let stranger = server.client()
            defer { stranger.close() }
            let refused = await failure { () async throws(ClientFailure) in
                try await stranger.get(OwnPath.whoami.text)
            }
            #expect(refused.code == 403)
        }
    }

    @Test("Without a quorum writes say so, stale reads answer, and the cluster still tells of itself")
    func noQuorum() async throws {
        try await withServer { server, client in
            server.backend.with {
                $0.failure = APIStatus(WriteFailure.noQuorum(connected: 1, voters: 3))
                $0.leader = nil
            }
            let write = await failure { () async throws(ClientFailure) in
                try await client.send("POST", machines, body: Samples.manifest("web"), request: nil)
            }
            #expect(write.code == 503)
            #expect(write.status["message"] == "no quorum: 1 of 3 voters; nothing was recorded")
            let stale = try await client.get(machines, query: [("consistency", "stale")])
            #expect(stale["metadata"]?["annotations"]?["blixard.dev/leader"] == "none")
            let cluster = try await client.get("/blixard/v1/cluster")
            #expect(cluster["leader"] == .null)
            #expect(cluster["consistency"] == "stale")
        }
    }
}
