import Contract
import Glibc
import JSONText
import Primitives
import TestFiles
import Testing

@testable import Commands

@Suite("cluster status, tickets, contexts")
struct ClusterTests {
    @Test("the status is laid out as people know it")
    func status() async {
        let result = await Bench(FakeConnection { _ in Samples.cluster }).run("cluster", "status")
        #expect(
            result.output == """
                Cluster Status:
                  Leader ID: 1
                  Term: 3
                  Nodes in cluster:
                    - Node 1: 127.0.0.1:7001 (Leader) node-1
                    - Node 2: 127.0.0.1:7002 (Follower) node-2
                    - Node 3: 127.0.0.1:7003 (Follower) node-3

                """)
    }

    @Test("without a leader the status shows none, and null in JSON; without a quorum it says so")
    func noLeader() async throws {
        var state = Samples.state
        state.leader = nil
        state.quorum = QuorumView(voters: 3, needed: 2, connected: 1, has: false)
        var silent = Samples.member(2, "Unknown")
        silent.connected = false
        silent.lastHeardSeconds = 42
        state.nodes = [Samples.member(1, "Follower"), silent]
        let answer = state.json
        let bench = Bench(FakeConnection { _ in answer })
        #expect(
            await bench.run("cluster", "status").output == """
                Cluster Status:
                  Leader ID: none
                  Term: 3
                  Quorum: none: 1 of 3 voters connected, 2 needed; nothing is recorded, machines stay as they are
                  As known to: node-1
                  Nodes in cluster:
                    - Node 1: 127.0.0.1:7001 (Follower) node-1
                    - Node 2: 127.0.0.1:7002 (Unknown) node-2, last heard 42s ago

                """)
        let json = try JSON(parsing: await bench.run("cluster", "status", "-o", "json").output)
        #expect(json["leader"] == .some(.null))
    }

    @Test("nodes that can't be reached are listed with what each of them said")
    func unreachable() async {
        let bench = Bench(
            FakeConnection { _ throws(ClientFailure) in
                throw .unreachable([.init(endpoint: "node-1 at 127.0.0.1:7001", reason: "connection refused")])
            })
        let result = await bench.run("cluster", "status")
        #expect(result.code == 1)
        #expect(
            result.errors.hasPrefix(
                """
                Unable to connect to the server: none of the cluster's members answered
                  node-1 at 127.0.0.1:7001: connection refused

                """))
    }

    @Test("a key that nothing vouches for is printed with the flag that trusts it")
    func untrusted() async {
        let bench = Bench(
            FakeConnection { _ throws(ClientFailure) in
                throw .untrustedKey(address: "10.0.0.1:7001", seen: FakeNodes.key(7))
            })
        let result = await bench.run("cluster", "status")
        #expect(result.code == 1)
        #expect(result.errors.contains("--expect-key \(FakeNodes.key(7))\n"))
    }

    @Test("a ticket is the only thing on standard output")
    func ticket() async {
        let bench = Bench(FakeConnection { _ in Samples.ticket("blx1abc") })
        #expect(
            await bench.run("ticket", "create", "--ttl", "10m")
                == Bench.Result(code: 0, output: "blx1abc\n", errors: ""))
        #expect(bench.connection.writes[0].body?["ttlSeconds"] == 600)
    }

    @Test("the flag wins over the environment, the environment over the context")
    func precedence() async throws {
        var bench = Bench(FakeConnection { _ in Samples.cluster })
        let path = bench.directory.path + "/conf/context.json"
        var file = ContextFile()
        let member = ContextMember(id: 1, name: "node-1", key: FakeNodes.key(1), addresses: ["127.0.0.1:7001"])
        file.use(.init(name: "other", clusterID: "b", identity: "/other/key", members: [], dataDirectory: nil))
        file.use(.init(name: "main", clusterID: "a", identity: "/context/key", members: [member], dataDirectory: nil))
        try file.save(to: path)
        let status = ["cluster", "status"]

        bench.environment = ["BLIXARD_CONTEXT": path]
        _ = await bench.run(status)
        bench.environment["BLIXARD_NODE_ADDR"] = "env:7001"
        bench.environment["BLIXARD_IDENTITY"] = "/env/key"
        _ = await bench.run(status)
        _ = await bench.run(status + ["--addr", "flag:7001", "--identity", "/flag/key"])
        bench.environment["BLIXARD_IDENTITY"] = nil
        _ = await bench.run(status)
        bench.environment = ["BLIXARD_CONTEXT": path]
        _ = await bench.run(status + ["--context", "other"])

        let requests = bench.access.requests
        try #require(requests.count == 5)
        #expect(requests[0].address == nil && requests[0].identityPath == "/context/key")
        #expect(requests[0].members == [member])
        #expect(requests[1].address == "env:7001" && requests[1].identityPath == "/env/key")
        #expect(requests[1].addressOrigin == "BLIXARD_NODE_ADDR")
        #expect(requests[2].address == "flag:7001" && requests[2].identityPath == "/flag/key")
        #expect(requests[2].addressOrigin == "--addr")
        #expect(requests[3].address == "env:7001" && requests[3].identityPath == "/context/key")
        // An address of a member needs no other proof than the keys that the context knows.
        #expect(requests[3].members == [member])
        #expect(requests[4].identityPath == "/other/key")
    }

    @Test("without any cluster a command says how to name one")
    func noCluster() async {
        var bench = Bench()
        bench.environment = ["BLIXARD_CONTEXT": bench.directory.path + "/none.json"]
        let result = await bench.run("get", "vms")
        #expect(result.code == 1)
        #expect(result.errors.hasPrefix("error: no cluster is named: pass --addr, or set BLIXARD_NODE_ADDR"))
        bench.environment["BLIXARD_NODE_ADDR"] = "127.0.0.1:7001"
        let noKey = await bench.run("get", "vms")
        #expect(noKey.errors.hasPrefix("error: no key to identify with: pass --identity FILE or set BLIXARD_IDENTITY"))
    }

    @Test("the file of contexts is its owner's alone, and comes back as it was")
    func storage() throws {
        let directory = TemporaryDirectory(named: "commands")
        let path = directory.path + "/a/b/context.json"
        var file = ContextFile()
        file.use(
            .init(
                name: "up", clusterID: "abc", identity: "/k",
                members: [.init(id: 2, name: "node-2", key: FakeNodes.key(2), addresses: ["[::1]:7002"])],
                dataDirectory: "/state"))
        try file.save(to: path)
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        #expect(try ContextFile.load(from: path) == file)
        #expect(try ContextFile.load(from: directory.path + "/none") == ContextFile())
        let broken = directory.write("broken.json", "{\"current\": 1}")
        #expect(throws: FileFailure.self) { try ContextFile.load(from: broken) }
    }

    @Test("the file of contexts is where the environment says")
    func paths() {
        #expect(ContextFile.path(in: ["BLIXARD_CONTEXT": "/x", "HOME": "/h"]) == "/x")
        #expect(ContextFile.path(in: ["XDG_CONFIG_HOME": "/c", "HOME": "/h"]) == "/c/blixard/context.json")
        #expect(
            ContextFile.path(in: ["XDG_CONFIG_HOME": "relative", "HOME": "/h"]) == "/h/.config/blixard/context.json")
        #expect(ContextFile.path(in: [:]) == nil)
    }

    @Test("contexts are listed and chosen")
    func config() async throws {
        var bench = Bench()
        let path = bench.directory.path + "/context.json"
        var file = ContextFile()
        file.use(.init(name: "a", clusterID: "1", identity: "/k", members: [], dataDirectory: nil))
        file.use(.init(name: "b", clusterID: "2", identity: "/k", members: [], dataDirectory: nil))
        try file.save(to: path)
        bench.environment = ["BLIXARD_CONTEXT": path]
        #expect(await bench.run("config", "current-context").output == "b\n")
        #expect(await bench.run("config", "use-context", "a").output == "Switched to context \"a\".\n")
        #expect(await bench.run("config", "current-context").output == "a\n")
        #expect(await bench.run("config", "use-context", "c").code == 1)
        #expect(await bench.run("config", "get-contexts").output.contains("*         a      1"))
    }

    @Test("cluster init founds a cluster, remembers it and prints what runs the node")
    func initialize() async throws {
        var bench = Bench()
        let path = bench.directory.path + "/conf/context.json"
        bench.environment = ["BLIXARD_CONTEXT": path]
        let result = await bench.run(
            "cluster", "init", "--id", "1", "--bind", "127.0.0.1:7001", "--data-dir", "data")
        #expect(result.code == 0, "\(result.errors)")
        #expect(
            result.output.hasSuffix("  blixard node --id 1 --bind 127.0.0.1:7001 --data-dir data --hypervisor qemu\n"))
        let entry = try #require(try ContextFile.load(from: path).currentEntry)
        #expect(entry.clusterID == "0123456789abcdef")
        #expect(entry.identity == bench.directory.path + "/conf/identity.key")
        #expect(entry.members.map(\.addresses) == [["127.0.0.1:7001"]])
    }

    @Test("explain and api-resources need no cluster")
    func offline() async {
        var bench = Bench()
        bench.environment = [:]
        let memory = await bench.run("explain", "vm.spec.memory")
        #expect(memory.code == 0)
        #expect(memory.output.contains("FIELD: memory"))
        let near = await bench.run("explain", "vm.spec.memroy")
        #expect(near.code == 1)
        #expect(near.errors.contains("did you mean \"memory\"?"), "\(near.errors)")
        #expect(
            await bench.run("api-resources").output == """
                NAME              SHORTNAMES   APIVERSION       NAMESPACED   KIND
                events            ev           blixard.dev/v1   true         Event
                gitrepositories   git          blixard.dev/v1   false        GitRepository
                images            img          blixard.dev/v1   false        Image
                manifestsets      set,sets     blixard.dev/v1   false        ManifestSet
                nodes             no           blixard.dev/v1   false        Node
                secrets                        blixard.dev/v1   true         Secret
                virtualmachines   vm,vms       blixard.dev/v1   true         VirtualMachine

                """)
        #expect(await bench.run("version", "--client").output == "Client Version: \(ProgramVersion.text)\n")
    }
}
