import Glibc
import Host
import JSONText
import TestFiles
import Testing

extension IntegrationTests {
    /// Secrets on a cluster of three: no disk ever holds a value, every member opens them, and keys are changed.
    @Suite("Secrets", .serialized, .cluster(nodes: 3, hypervisor: "simulated"))
    struct SecretTests {
        let cluster: TestCluster
        let files = TemporaryDirectory(named: "secrets")

        init() throws {
            cluster = try .ofSuite
        }

        private func secret(_ name: String, _ value: String) -> String {
            files.write(
                "\(name).yaml",
                """
                apiVersion: blixard.dev/v1
                kind: Secret
                metadata: {name: \(name)}
                stringData: {password: \(value)}

                """)
        }

        private func revealed(_ name: String) async throws -> String {
            try await cluster.succeed("get secret \(name) --reveal")
        }

        @Test("no disk holds a value, the plan's file neither, and every member opens it")
        func sealed() async throws {
            let file = secret("db", "hunter2-and-more")
            #expect(
                try await cluster.succeed("apply -f \(file) --set app -m first").contains(
                    "secret.blixard.dev/db created"))
            #expect(try await cluster.succeed("apply -f \(file) --set app").contains("secret.blixard.dev/db unchanged"))
            for node in cluster.nodes {
                let shown = try await cluster.succeed("get secret db --reveal --addr \(cluster.registry(of: node))")
                #expect(shown == "password: hunter2-and-more\n")
            }
            _ = secret("db", "another-hunter")
            let plan = files.path + "/plan.json"
            #expect(
                try await cluster.succeed("plan -f \(file) --set app --out \(plan)")
                    .contains(#"data.password: "(sealed)" -> "(sealed, changed)""#))
            #expect(TextFile.read(plan)?.contains("hunter") == false)
            #expect(try await cluster.succeed("apply --plan \(plan)").contains("secret.blixard.dev/db configured"))
            #expect(try await revealed("db") == "password: another-hunter\n")
            // A revision with the old value comes back as what it was.
            _ = try await cluster.succeed("rollout undo set/app")
            #expect(try await revealed("db") == "password: hunter2-and-more\n")
            for line in [
                "get secret db -o yaml", "describe secret db", "rollout show set/app", "events", "export secrets",
            ] {
                #expect(try await cluster.succeed(line).contains("hunter") == false, "\(line)")
            }
            #expect(try await cluster.succeed("events --for secret/db").contains("Revealed"))
            for node in cluster.nodes {
                let found = TextFile.paths(below: cluster.directory(of: node), ending: "").filter { path in
                    // A file of the log may go while the test looks.
                    ((try? DurableFile.read(path, limit: 256 << 20)) ?? []).contains(Array("hunter".utf8))
                }
                #expect(found.isEmpty)
            }
            #expect(cluster.logs.contains("hunter") == false)
        }

        @Test("a key is changed while every member answers, and not while one is down; one that lost it gets it again")
        func rotation() async throws {
            let file = secret("token", "hunter3")
            _ = try await cluster.succeed("apply -f \(file) --set tokens")
            #expect(try await cluster.succeed("cluster rotate-secrets-key").contains("key 2 for secrets seals now"))
            try await eventually("Secrets are sealed by key 2") {
                let row = try await cluster.succeed("get secret token --no-headers -o wide")
                guard row.contains(/password +2/) else { throw NotYet(row) }
            }
            #expect(try await cluster.succeed("apply -f \(file) --set tokens").contains("unchanged"))
            #expect(try await revealed("token") == "password: hunter3\n")

            let leader = try await cluster.leader()
            let follower = try #require(cluster.nodes.first { $0 != leader })
            try await cluster.end(follower, by: SIGKILL)
            let refused = try await cluster.run("cluster rotate-secrets-key")
            #expect(refused.exitCode != 0 && refused.errors.contains("node-\(follower)"), "\(refused)")
            #expect(try await revealed("token") == "password: hunter3\n")

            // It comes back without its keys.
            unlink(cluster.directory(of: follower) + "/secrets.key")
            try cluster.restart(follower)
            try await eventually("node-\(follower) has the key again") {
                let result = try await cluster.run("get secret token --reveal --addr \(cluster.registry(of: follower))")
                guard result.output == "password: hunter3\n" else { throw NotYet("\(result)") }
            }
            #expect(try await cluster.eventuallySucceeds("cluster rotate-secrets-key").contains("seals now"))
            #expect(try await revealed("token") == "password: hunter3\n")
        }
    }
}
