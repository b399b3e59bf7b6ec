import Glibc
import JSONText
import TestFiles
import Testing

extension IntegrationTests {
    /// A repository of manifests as its owner works with it: plan, apply, prune, roll back, on a cluster that loses its
    /// leader meanwhile.
    @Suite("A set of manifests", .serialized, .cluster(nodes: 3, hypervisor: "simulated"))
    struct SetTests {
        let cluster: TestCluster
        let manifests = TemporaryDirectory(named: "manifests")

        init() throws {
            cluster = try .ofSuite
        }

        private func write(_ name: String, memory: String = "32Mi", annotations: String = "{}") {
            _ = manifests.write(
                "\(name).json",
                """
                {"apiVersion":"blixard.dev/v1","kind":"VirtualMachine",
                 "metadata":{"name":"\(name)","annotations":\(annotations)},
                 "spec":{"runStrategy":"Halted","memory":"\(memory)"}}
                """)
        }

        /// Those of the machines that are there.
        private func there(_ names: [String]) async throws -> [String] {
            let all = try await cluster.succeed("get vms --no-headers -o name").split(separator: "\n")
                .map { String($0.split(separator: "/").last ?? "") }
            return names.filter(all.contains)
        }

        @Test("a repository is planned, applied, pruned and rolled back as a whole, also by the next leader")
        func life() async throws {
            for name in ["a", "b", "c"] { write(name) }
            _ = manifests.write(
                "set.json",
                #"{"apiVersion":"blixard.dev/v1","kind":"ManifestSet","metadata":{"name":"prod"},"spec":{"prune":true}}"#
            )
            let directory = manifests.path
            #expect(
                try await cluster.succeed("apply -f \(directory) -m first").contains("set prod is now at revision 1"))
            #expect(try await there(["a", "b", "c"]) == ["a", "b", "c"])

            // What a plan says is what its apply does, and it does so once.
            unlink(manifests.path + "/c.json")
            write("a", memory: "64Mi")
            let plan = directory + "/../plan-\(getpid()).json"
            let shown = try await cluster.succeed("plan -f \(directory) --out \(plan)")
            #expect(shown.contains("virtualmachine.blixard.dev/c pruned"))
            #expect(shown.contains("spec.memory: \"32Mi\" -> \"64Mi\""))
            #expect(try await cluster.succeed("apply --plan \(plan)").contains("virtualmachine.blixard.dev/c pruned"))
            #expect(try await there(["a", "b", "c"]) == ["a", "b"])
            let again = try await cluster.run("apply --plan \(plan)")
            #expect(again.exitCode == 1 && again.errors.contains("was changed since the plan was made"))
            unlink(plan)

            // The history survives the leader that made it.
            try await cluster.end(try await cluster.leader(), by: SIGKILL)
            let history = try await cluster.eventuallySucceeds("rollout history set/prod")
            #expect(history.contains("1 configured, 1 unchanged, 1 pruned") && history.contains("first"))
            #expect(try await cluster.eventuallySucceeds("rollout undo set/prod").contains("now at revision 3"))
            #expect(try await there(["a", "b", "c"]) == ["a", "b", "c"])
            #expect(try await cluster.json("get vm a")["spec"]?["memory"] == "32Mi")
            let status = try await cluster.json("get set prod")["status"]
            #expect(status?["revision"] == 3 && status?["members"] == 3)
            #expect(try await cluster.succeed("get sets").contains(/prod +3 +3 +True/))
        }

        @Test("an empty set, too many deletions and a protected object are refused, and nothing is changed")
        func guards() async throws {
            for name in ["d", "e", "f", "g"] { write(name) }
            write("h", annotations: #"{"blixard.dev/protect":"true"}"#)
            let directory = manifests.path
            _ = try await cluster.succeed("apply -f \(directory) --set guarded")
            for name in ["e", "f", "g"] { unlink(manifests.path + "/\(name).json") }
            let many = try await cluster.run("apply -f \(directory) --set guarded --prune")
            #expect(many.exitCode == 1 && many.errors.contains("3 of the 5 members"), "\(many)")
            unlink(manifests.path + "/h.json")
            let protected = try await cluster.run(
                "apply -f \(directory) --set guarded --prune --max-prune-percent 100")
            #expect(protected.exitCode == 1 && protected.errors.contains("is protected"), "\(protected)")
            let empty = try await cluster.run("delete set guarded")
            #expect(empty.exitCode == 1 && empty.errors.contains("--cascade=members"), "\(empty)")
            #expect(try await there(["d", "e", "f", "g", "h"]).count == 5)
            #expect(try await cluster.succeed("delete set guarded --cascade=orphan").contains("released"))
            #expect(try await there(["d", "e", "f", "g", "h"]).count == 5)
        }
    }
}
