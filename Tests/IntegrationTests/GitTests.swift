import Glibc
import Host
import JSONText
import TestFiles
import Testing

extension IntegrationTests {
    /// A cluster that follows a Git repository, which is pushed to while leaders are lost.
    @Suite("A Git repository that the cluster follows", .serialized)
    struct GitTests {
        /// A work tree whose commits the cluster follows.
        private struct Repository {
            let path: String
            let cluster: TestCluster

            init(in cluster: TestCluster) async throws {
                path = cluster.root + "/sources/infra"
                self.cluster = cluster
                mkdir(cluster.root + "/sources", 0o700)
                mkdir(path, 0o700)
                try await git(["init", "--quiet", "--initial-branch=main"])
            }

            @discardableResult
            func git(_ arguments: [String]) async throws -> String {
                var environment = cluster.environment
                environment.merge([
                    "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "Ada",
                    "GIT_AUTHOR_EMAIL": "ada@example.com", "GIT_COMMITTER_NAME": "Ada",
                    "GIT_COMMITTER_EMAIL": "ada@example.com",
                ]) { $1 }
                let running = try RunningProgram(
                    "/usr/bin/git", ["-C", path] + arguments, environment: environment,
                    outputBase: "\(cluster.root)/output/git-\(UInt64.random(in: .min ... .max))")
                defer { running.kill() }
                let result = try await running.result(within: .seconds(60))
                try #require(result.exitCode == 0, "git \(arguments): \(result)")
                return result.output.split(separator: "\n").first.map(String.init) ?? ""
            }

            /// Commits everything that is in the work tree; answers the commit's name.
            @discardableResult
            func commit(_ message: String) async throws -> String {
                try await git(["add", "--all"])
                try await git(["commit", "--quiet", "--message", message])
                return try await git(["rev-parse", "HEAD"])
            }

            func machine(_ name: String, memory: String = "32Mi") throws {
                try TextFile.write(
                    """
                    apiVersion: blixard.dev/v1
                    kind: VirtualMachine
                    metadata: {name: \(name)}
                    spec: {runStrategy: Halted, memory: \(memory)}

                    """, to: path + "/\(name).yaml")
            }
        }

        private func with(_ body: (TestCluster, Repository) async throws -> Void) async throws {
            try await TestCluster.with(nodes: 3, hypervisor: "simulated") { cluster in
                let repository = try await Repository(in: cluster)
                try await cluster.up(["--source-dir", cluster.root + "/sources"])
                try await body(cluster, repository)
            }
        }

        /// Has the cluster follow it, in intervals that are too long for the test to wait for.
        private func follow(_ repository: Repository, _ cluster: TestCluster, more: String = "") async throws {
            let manifest = cluster.root + "/git.yaml"
            try TextFile.write(
                """
                apiVersion: blixard.dev/v1
                kind: GitRepository
                metadata: {name: infra}
                spec:
                  url: file://\(repository.path)
                  intervalSeconds: 3600
                  prune: true
                \(more)
                """, to: manifest)
            _ = try await cluster.succeed("apply -f \(manifest)")
        }

        private func inForce(_ commit: String, _ cluster: TestCluster) async throws {
            try await eventually("commit \(commit) is in force") {
                let result = try await cluster.run("get git infra -o json")
                guard result.exitCode == 0 else { throw NotYet("\(result)") }
                let status = try JSON(parsing: result.output)["status"]
                guard status?["lastAppliedCommit"]?.string == commit else { throw NotYet("\(status ?? .null)") }
            }
        }

        private func ready(_ cluster: TestCluster) async throws -> JSON? {
            try await cluster.json("get git infra")["status"]?["conditions"]?.array?
                .first { $0["type"] == "Ready" }
        }

        @Test("commits are applied, a bad one leaves the last good one in force, and edits by hand are healed")
        func life() async throws {
            try await with { cluster, repository in
                try repository.machine("a")
                try repository.machine("b")
                let first = try await repository.commit("Begin")
                try await follow(repository, cluster)
                try await inForce(first, cluster)
                #expect(try await cluster.succeed("get vms -o name").contains("/a\n"))
                let history = try await cluster.succeed("rollout history set/infra")
                #expect(history.contains("Ada: Begin") && history.contains(String(first.prefix(12))))

                // A bad commit names its file and line, and nothing is changed.
                try repository.machine("a", memory: "64Mi")
                try TextFile.write("kind: VirtualMachine\nmetadata: {name: c}\n", to: repository.path + "/c.yaml")
                let bad = try await repository.commit("Break")
                _ = try await cluster.run("reconcile git/infra --wait --timeout 30s")
                try await eventually("the bad commit is said") {
                    let condition = try await ready(cluster)
                    guard condition?["reason"] == "BadCommit" else { throw NotYet("\(condition ?? .null)") }
                    #expect(condition?["message"]?.string?.contains("\(bad.prefix(12)):c.yaml:1") == true)
                }
                #expect(try await cluster.json("get vm a")["spec"]?["memory"] == "32Mi")
                #expect(try await cluster.json("get git infra")["status"]?["lastAppliedCommit"] == .string(first))
                #expect(try await cluster.succeed("events --for git/infra").contains("BadCommit"))

                // The next good one prunes what it no longer names.
                unlink(repository.path + "/c.yaml")
                unlink(repository.path + "/b.yaml")
                let third = try await repository.commit("Mend")
                _ = try await cluster.succeed("reconcile git/infra --wait --timeout 30s")
                try await inForce(third, cluster)
                #expect(try await cluster.json("get vm a")["spec"]?["memory"] == "64Mi")
                #expect(try await cluster.run("get vm b").exitCode == 1)

                // What is changed by hand is as the repository says after the next fetch.
                _ = try await cluster.succeed(#"patch vm a -p {"spec":{"memory":"128Mi"}}"#)
                _ = try await cluster.succeed("reconcile git/infra --wait --timeout 30s")
                try await eventually("the edit is healed") {
                    let memory = try await cluster.json("get vm a")["spec"]?["memory"]
                    guard memory == "64Mi" else { throw NotYet("\(memory ?? .null)") }
                }

                // A repository that has become empty is never an empty set.
                unlink(repository.path + "/a.yaml")
                try await repository.commit("Empty")
                _ = try await cluster.run("reconcile git/infra --wait --timeout 30s")
                try await eventually("the empty commit is said") {
                    let condition = try await ready(cluster)
                    guard condition?["status"] == "False" else { throw NotYet("\(condition ?? .null)") }
                }
                #expect(try await cluster.run("get vm a").exitCode == 0)
            }
        }

        @Test("each commit is applied once, whatever becomes of leaders")
        func leaders() async throws {
            try await with { cluster, repository in
                try repository.machine("m0")
                try await inForceAfterFollowing(cluster, repository)
                for round in 1...3 {
                    try repository.machine("m\(round)")
                    let commit = try await repository.commit("Round \(round)")
                    let leader = try await cluster.leader()
                    // The fetch is wanted, and the leader is lost in the middle of it or around it.
                    async let wanted = cluster.run("reconcile git/infra")
                    try await cluster.end(leader, by: SIGKILL)
                    _ = try await wanted
                    try cluster.restart(leader)
                    _ = try await cluster.eventuallySucceeds("reconcile git/infra --wait --timeout 30s")
                    try await inForce(commit, cluster)
                }
                let list = try await cluster.json("rollout history set/infra")
                let messages = list["revisions"]?.array?.compactMap { $0["message"]?.string }
                #expect(messages == ["Ada: Begin", "Ada: Round 1", "Ada: Round 2", "Ada: Round 3"])
            }
        }

        private func inForceAfterFollowing(_ cluster: TestCluster, _ repository: Repository) async throws {
            let first = try await repository.commit("Begin")
            try await follow(repository, cluster)
            try await inForce(first, cluster)
        }

        @Test("a repository holds the set, its own GitRepository and Secrets, and a call of its webhook has it fetched")
        func ownObject() async throws {
            try await with { cluster, repository in
                let own = """
                    apiVersion: blixard.dev/v1
                    kind: GitRepository
                    metadata: {name: infra}
                    spec:
                      url: file://\(repository.path)
                      intervalSeconds: 3600
                      webhook: {secret: hook}
                    """
                try TextFile.write(own + "\n", to: repository.path + "/git.yaml")
                try TextFile.write(
                    """
                    apiVersion: blixard.dev/v1
                    kind: ManifestSet
                    metadata: {name: all}
                    spec: {prune: true}
                    ---
                    apiVersion: blixard.dev/v1
                    kind: Secret
                    metadata: {name: hook}
                    stringData: {token: correct-horse}

                    """, to: repository.path + "/set.yaml")
                try repository.machine("a")
                let first = try await repository.commit("Begin")
                _ = try await cluster.succeed("apply -f \(repository.path)/git.yaml")
                try await inForce(first, cluster)
                #expect(try await cluster.succeed("get sets").contains(/all +1 +3 +True/))
                #expect(try await cluster.json("get vm a")["metadata"]?["manifestSet"] == "all")

                // Nothing has changed: no revision is added, whichever key seals.
                _ = try await cluster.succeed("cluster rotate-secrets-key")
                _ = try await cluster.succeed("reconcile git/infra --wait --timeout 30s")
                #expect(try await cluster.json("get set all")["status"]?["revision"] == 1)

                try repository.machine("b")
                let second = try await repository.commit("Grow")
                let follower = try #require(cluster.nodes.first { $0 != 1 })
                for (token, status) in [("wrong", "401"), ("correct-horse", "202")] {
                    let call = try await curl(cluster, port: cluster.bootstrapPort(of: follower), token: token)
                    #expect(call == status)
                }
                try await inForce(second, cluster)
            }
        }

        /// The status of a call of the webhook.
        private func curl(_ cluster: TestCluster, port: Int, token: String) async throws -> String {
            let running = try RunningProgram(
                "/usr/bin/curl",
                [
                    "-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", "POST", "-H", "X-Gitlab-Token: \(token)",
                    "-d", "{}", "http://127.0.0.1:\(port)/webhooks/git/infra",
                ], environment: cluster.environment,
                outputBase: "\(cluster.root)/output/curl-\(UInt64.random(in: .min ... .max))")
            defer { running.kill() }
            return try await running.result(within: .seconds(30)).output
        }
    }
}
