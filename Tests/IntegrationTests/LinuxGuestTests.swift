import Glibc
import JSONText
import TestFiles
import Testing

extension IntegrationTests {
    /// A real Linux in a machine: the example of `manifests/linux`, with a disk.
    @Suite("A Linux guest", .enabled(if: RealQEMU.mayRun, RealQEMU.reason))
    struct LinuxGuestTests {
        @Test(
            "Linux boots from the example's images, says so on its console, serves its page, and powers off when asked")
        func boot() async throws {
            try await TestCluster.with(nodes: 1, hypervisor: "qemu") { cluster in
                let port = try FreePorts.base(count: 1)
                let manifest = try await makeManifest(cluster, port: port)
                try await cluster.up(["--source-dir", cluster.root + "/images"])
                let applied = try await cluster.run("apply -f \(manifest) --wait --timeout 120s")
                #expect(applied.exitCode == 0, "\(applied)\n\(cluster.logs)")
                try await console("blixard linux guest ready", cluster)
                let machine = try await cluster.machineRuns("linux-1")
                let page = try await eventually("the guest's page", within: .seconds(120)) {
                    // QEMU accepts the connection before the guest's server is there.
                    guard let page = try? PlainResponse(port: port, path: "/"), page.status == 200 else {
                        throw NotYet("no page yet")
                    }
                    return page.body
                }
                #expect(page.contains("Hello from a guest of blixard."))

                try await diskFailure(machine, cluster)

                try await cluster.succeed("vm stop linux-1")
                try await cluster.machine("linux-1", until: "Stopped") { $0.phase == "Stopped" }
                try await console("power button pressed", cluster)
                let deleted = try await cluster.run(["delete", "-f", manifest])
                #expect(deleted.exitCode == 0, "\(deleted)")
                #expect(TextFile.names(in: cluster.directory(of: 1) + "/machines").isEmpty)
            }
        }

        /// A disk without space is a condition: the guest waits until somebody, not the loop, makes it go on.
        private func diskFailure(_ machine: JSON, _ cluster: TestCluster) async throws {
            let directory = try cluster.machineDirectory(machine)
            let monitor = try AdminMonitor(machineDirectory: directory)
            let noSpace: JSON = ["event": "none", "iotype": "write", "errno": .integer(Int64(ENOSPC))]
            try monitor.execute(
                "blockdev-add",
                [
                    "driver": "blkdebug", "node-name": "faulty", "image": "disk-data",
                    "inject-error": .array([noSpace]),
                ])
            try monitor.execute("qom-set", Self.drive("faulty"))
            let console = try PlainSocket(directory: directory, name: "console.sock")
            try console.send("dd if=/dev/zero of=/dev/vda bs=4096 count=4; sync; echo written $((40+2))\n")
            let waiting = try await cluster.machine("linux-1", until: "waiting for its disk") {
                $0.condition("DiskFailed")?["status"] == "True"
            }
            #expect(waiting.phase == "Paused" && waiting.pid == machine.pid)
            #expect(waiting.condition("Ready")?["reason"] == "IOError")
            let diff = try await cluster.run("diff")
            #expect(diff.exitCode == 1 && diff.output.contains("the guest waits for its disk"), "\(diff)")
            // Another machine comes and goes meanwhile: the loop runs, and does not make this guest go on.
            try await cluster.create(["bystander"])
            try await cluster.succeed("delete vm bystander")
            #expect(try monitor.execute("query-status")["status"] == "io-error")

            try monitor.execute("qom-set", Self.drive("disk-data"))
            try monitor.execute("cont")
            try await cluster.machine("linux-1", until: "mended") {
                $0.phase == "Running" && $0.condition("DiskFailed")?["status"] == "False"
            }
            try await self.console("written 42", cluster)
        }

        private static func drive(_ node: String) -> JSON {
            ["path": "/machine/peripheral/dev-disk-data", "property": "drive", "value": .string(node)]
        }

        private func console(_ text: String, _ cluster: TestCluster) async throws {
            try await eventually("the console to show \"\(text)\"", within: .seconds(120)) {
                let logs = try await cluster.run("logs linux-1")
                guard logs.exitCode == 0, logs.output.contains(text) else { throw NotYet("\(logs)") }
            }
        }

        /// The example's manifest, with images that were made now, a free port, and a disk.
        private func makeManifest(_ cluster: TestCluster, port: Int) async throws -> String {
            let images = cluster.root + "/images"
            let script = BuiltProgram.packageDirectory + "/manifests/linux/make-images"
            let making = try RunningProgram(
                "/bin/bash", [script, images], environment: cluster.environment,
                outputBase: cluster.root + "/output/make-images")
            defer { making.kill() }
            let made = try await making.result(within: .seconds(300))
            guard made.exitCode == 0 else {
                guard BuiltProgram.isContinuousIntegration else {
                    try Test.cancel("the guest's images can't be made here: \(Comment(rawValue: made.errors))")
                }
                throw TestFailure("the guest's images can't be made: \(made)")
            }
            let text = try #require(TextFile.read(images + "/cluster.json"))
            var documents = try #require(try JSON(parsing: text).array)
            var spec = try #require(documents[2]["spec"])
            spec["disks"] = .array([["name": "data", "size": "64Mi"]])
            let forward: JSON = ["hostPort": .integer(Int64(port)), "guestPort": 80]
            spec["networks"] = .array([["name": "user", "portForwards": .array([forward])]])
            documents[2]["spec"] = spec
            let manifest = cluster.root + "/linux.json"
            try TextFile.write(String(decoding: JSON.array(documents).prettyBytes, as: UTF8.self), to: manifest)
            return manifest
        }
    }
}
