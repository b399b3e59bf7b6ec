import Glibc
import JSONText
import TestFiles
import Testing

extension IntegrationTests {
    /// Commands that can't do all that they were asked to, on clusters that ran before.
    @Suite("What ran before up and down") struct UpFaults {
        @Test(
            "A cluster keeps its machines when an up fails for a taken port; a later up brings all nodes back",
            .enabled(if: RealQEMU.mayRun, RealQEMU.reason))
        func failedUp() async throws {
            try await TestCluster.with(nodes: 3, hypervisor: "qemu") { cluster in
                try await cluster.up()
                let machines = try await cluster.create(["a", "b"], on: [1, 2])
                let pids = machines.compactMap(\.pid)
                for node in cluster.nodes { try await cluster.end(node, by: SIGKILL) }
                let listener = try PortHolder(port: cluster.port(of: 3))
                let refused = try await cluster.run([
                    "up", "--detach", "--data-dir", cluster.dataDirectory, "--timeout", "20s",
                ])
                #expect(refused.exitCode == 1)
                #expect(refused.errors.contains("port \(cluster.port(of: 3)) of 127.0.0.1, which node-3 needs"))
                #expect(pids.allSatisfy(HostProcess.isAlive), "\(refused)")
                listener.release()

                // A node that can't go on is found out only after others were started.
                try #require(
                    rename(cluster.directory(of: 3) + "/key", cluster.directory(of: 3) + "/key.kept") == 0)
                let failed = try await cluster.run(["up", "--detach", "--data-dir", cluster.dataDirectory])
                #expect(failed.exitCode == 70, "\(failed)")
                #expect(failed.errors.contains("node-3 ended while starting"), "\(failed)")
                #expect(failed.errors.contains("ended what this command started: node-1, node-2"), "\(failed)")
                #expect(pids.allSatisfy(HostProcess.isAlive))
                try #require(
                    rename(cluster.directory(of: 3) + "/key.kept", cluster.directory(of: 3) + "/key") == 0)

                // The machines of nodes that do not run are stopped as well.
                let down = try await cluster.run(["down", "--data-dir", cluster.dataDirectory])
                #expect(down.exitCode == 0 && down.errors.hasSuffix("stopped\n"), "\(down)")
                #expect(!pids.contains(where: HostProcess.isAlive))
                try await cluster.up()
                for name in ["a", "b"] { try await cluster.machineRuns(name) }
            }
        }

        @Test("A cluster is completed by the next up: a dead node gets the settings that it had")
        func deadNode() async throws {
            try await TestCluster.with(nodes: 3, hypervisor: "simulated") { cluster in
                try await cluster.up(["--log-level", "debug"])
                let before = try await cluster.json("get node node-2")["status"]?["allocatable"]
                let others = [1, 3].map { cluster.processID(of: $0) }
                try await cluster.end(2, by: SIGKILL)
                try await cluster.up()
                #expect([1, 3].map { cluster.processID(of: $0) } == others)
                #expect(try await cluster.json("get node node-2")["status"]?["allocatable"] == before)
                let words = try #require(cluster.processID(of: 2).flatMap(HostProcess.commandLine))
                #expect(words.suffix(2) == ["--log-level", "debug"])
                // One that was started by hand is a node like the others.
                try await cluster.end(2, by: SIGKILL)
                try cluster.restart(2)
                try await cluster.allNodesReady()
                let again = try await cluster.run(["up", "--detach", "--data-dir", cluster.dataDirectory])
                #expect(again.exitCode == 1 && again.errors.contains("runs already"), "\(again)")
                let down = try await cluster.run(["down", "--data-dir", cluster.dataDirectory])
                #expect(down.exitCode == 0, "\(down)")
                #expect(cluster.nodes.allSatisfy { cluster.processID(of: $0) == nil })
            }
        }

        @Test("A node whose log is damaged ends with 70, and up shows why, with the file")
        func damagedLog() async throws {
            try await TestCluster.with(nodes: 1, hypervisor: "simulated") { cluster in
                try await cluster.up()
                for number in 0..<5 {
                    try await cluster.succeed("vm create m\(number) --run-strategy Halted")
                }
                try await cluster.end(1, by: SIGKILL)
                let directory = cluster.directory(of: 1) + "/raft"
                let segment = try #require(TextFile.names(in: directory).sorted().first { $0.hasPrefix("wal-") })
                try Self.damage(directory + "/" + segment)
                let node = try await cluster.run(cluster.nodeArguments(1))
                #expect(node.exitCode == 70 && node.errors.contains(segment), "\(node)")
                let verified = try await cluster.run(["journal", "verify", cluster.directory(of: 1)])
                #expect(verified.exitCode == 70, "\(verified)")
                let up = try await cluster.run(["up", "--detach", "--data-dir", cluster.dataDirectory])
                #expect(up.exitCode == 70 && up.errors.contains(segment), "\(up)")
            }
        }

        @Test("A cluster survives a closed terminal and a reader that has gone", arguments: [SIGHUP, SIGPIPE])
        func hangUp(signal: Int32) async throws {
            try await TestCluster.with(nodes: 1, hypervisor: "simulated") { cluster in
                let session = try cluster.start([
                    "up", "--nodes", "1", "--hypervisor", "simulated", "--data-dir", cluster.dataDirectory,
                    "--base-port", "\(cluster.basePort)",
                ])
                defer { session.kill() }
                try await eventually("up to be there") {
                    guard session.output.contains("Ctrl-C") else { throw NotYet("\(session.output)\(session.errors)") }
                }
                let node = try #require(cluster.processID(of: 1))
                kill(node, signal)
                kill(session.pid, signal)
                if signal == SIGHUP {
                    let result = try await session.result()
                    #expect(result.exitCode == 0, "\(result)")
                }
                try await cluster.succeed("get nodes")
                #expect(cluster.processID(of: 1) == node)
                let down = try await cluster.run(["down", "--data-dir", cluster.dataDirectory])
                #expect(down.exitCode == 0, "\(down)")
            }
        }

        /// Turns a bit in the middle of what is written.
        private static func damage(_ path: String) throws {
            let descriptor = open(path, O_RDWR | O_CLOEXEC)
            guard descriptor >= 0 else { throw TestFailure("\(path) can't be opened") }
            defer { close(descriptor) }
            var bytes = [UInt8](repeating: 0, count: 1 << 20)
            let count = pread(descriptor, &bytes, bytes.count, 0)
            let end = (bytes[..<max(0, count)].lastIndex { $0 != 0 } ?? 0) + 1
            var byte = bytes[end / 2] ^ 0x55
            guard pwrite(descriptor, &byte, 1, off_t(end / 2)) == 1 else {
                throw TestFailure("\(path) can't be written")
            }
        }
    }
}

/// Another program that listens on a port of 127.0.0.1.
private final class PortHolder {
    private var descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in(loopbackPort: port)
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isBound, listen(descriptor, 1) == 0 else { throw TestFailure("port \(port) can't be taken") }
    }

    deinit { release() }

    func release() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }
}
