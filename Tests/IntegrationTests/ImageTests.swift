import Glibc
import Host
import JSONText
import TestFiles
import Testing

extension IntegrationTests {
    /// Where images come from, what is read of them, and who depends on them.
    @Suite("Images", .serialized, .enabled(if: RealQEMU.mayRun, RealQEMU.reason))
    struct ImageTests {
        private static let size = 1 << 20

        /// Writes an image and a machine whose disk is filled from it, and answers the manifest's path.
        private func manifest(
            _ name: String, source: String, format: String = "raw", diskFormat: String = "qcow2",
            digestOf file: String? = nil, in cluster: TestCluster
        ) async throws -> String {
            let digest = file == nil ? String(repeating: "0", count: 64) : try await Self.digest(of: file!, cluster)
            let set: JSON = [
                [
                    "apiVersion": "blixard.dev/v1", "kind": "Image", "metadata": ["name": .string(name)],
                    "spec": [
                        "source": .string(source), "digest": .string("sha256:" + digest), "format": .string(format),
                    ],
                ],
                [
                    "apiVersion": "blixard.dev/v1", "kind": "VirtualMachine", "metadata": ["name": .string(name)],
                    "spec": [
                        "memory": "32Mi", "terminationGracePeriodSeconds": 1,
                        "disks": [
                            ["name": "d", "size": "1Mi", "image": .string(name), "format": .string(diskFormat)]
                        ],
                    ],
                ],
            ]
            let path = "\(cluster.root)/\(name).json"
            try TextFile.write(String(decoding: set.prettyBytes, as: UTF8.self), to: path)
            return path
        }

        private static func digest(of file: String, _ cluster: TestCluster) async throws -> String {
            let words = try await tool("/usr/bin/sha256sum", [file], cluster).output.split(separator: " ")
            return String(try #require(words.first))
        }

        @discardableResult
        private static func tool(
            _ program: String, _ arguments: [String], _ cluster: TestCluster
        ) async throws -> ProgramResult {
            let running = try RunningProgram(
                program, arguments, environment: cluster.environment,
                outputBase: "\(cluster.root)/output/tool-\(UInt64.random(in: .min ... .max))")
            defer { running.kill() }
            let result = try await running.result(within: .seconds(60))
            try #require(result.exitCode == 0, "\(program): \(result)")
            return result
        }

        private func with(_ body: (TestCluster, _ images: String) async throws -> Void) async throws {
            try await TestCluster.with(nodes: 1, hypervisor: "qemu") { cluster in
                let images = cluster.root + "/images"
                mkdir(images, 0o700)
                try DurableFile.write([UInt8](repeating: 0, count: Self.size), to: images + "/base.raw", mode: 0o600)
                try await cluster.up(["--source-dir", images])
                try await body(cluster, images)
            }
        }

        @Test("Images are held by the node that needs them, which get shows, and are not needed after the first start")
        func present() async throws {
            try await with { cluster, images in
                let file = images + "/base.raw"
                let manifest = try await manifest("base", source: file, digestOf: file, in: cluster)
                try await cluster.succeed("apply -f \(manifest) --wait --timeout 60s")
                try await eventually("the node's copy to be shown") {
                    let cells = try await cluster.succeed("get images --no-headers").split(separator: " ")
                    guard cells.count > 3, cells[2] == "1/1", cells[3] == "1MiB" else { throw NotYet("\(cells)") }
                }
                let image = try await cluster.json("get image base")
                #expect(image["status"]?["nodes"]?[0]?["state"] == "Present")
                #expect(image["status"]?["nodes"]?[0]?["bytes"] == .integer(Int64(Self.size)))

                // The source and the object go, and the data directory moves; the disk was filled long ago.
                try await cluster.succeed("delete image base")
                unlink(file)
                try await cluster.succeed("down --data-dir \(cluster.dataDirectory)")
                let moved = cluster.root + "/moved"
                #expect(rename(cluster.dataDirectory, moved) == 0)
                let up = try await cluster.run("up --detach --data-dir \(moved)")
                #expect(up.exitCode == 0, "\(up)")
                let machine = try await cluster.run("wait --for=condition=Ready vm/base --timeout 60s")
                #expect(machine.exitCode == 0, "\(machine)")
                try await cluster.succeed("down --data-dir \(moved)")
                #expect(rename(moved, cluster.dataDirectory) == 0)
            }
        }

        @Test("Images are read from no file that the node does not allow; the condition says which directory it allows")
        func refusedFiles() async throws {
            try await with { cluster, images in
                let key = cluster.directory(of: 1) + "/key"
                #expect(symlink(key, images + "/link") == 0)
                #expect(link(key, images + "/hard") == 0)
                #expect(mkfifo(images + "/fifo", 0o600) == 0)
                for (name, source, text) in [
                    ("key", key, images), ("link", images + "/link", "leads out"),
                    ("hard", images + "/hard", "data directory"), ("fifo", images + "/fifo", "FIFO"),
                    ("etc", "/etc/hostname", "--source-dir"), ("url", "http://127.0.0.1:1/x", "refused"),
                ] {
                    let manifest = try await manifest(name, source: source, in: cluster)
                    try await cluster.succeed("apply -f \(manifest)")
                    let machine = try await cluster.machine(name, until: "without its image") {
                        $0.condition("Ready")?["reason"] == "ErrImagePull"
                    }
                    let message = machine.condition("Ready")?["message"]?.string ?? ""
                    #expect(message.contains(text), "\(message)")
                }
                let wrong = try await manifest("wrong", source: images + "/base.raw", in: cluster)
                try await cluster.succeed("apply -f \(wrong)")
                let digest = try await Self.digest(of: images + "/base.raw", cluster)
                _ = try await cluster.machine("wrong", until: "told the digest of the file") {
                    $0.condition("Ready")?["message"]?.string?.contains("sha256:" + digest) == true
                }
                #expect(TextFile.names(in: cluster.directory(of: 1) + "/images").isEmpty)
            }
        }

        @Test("Images are refused when they show what is in another file, which their digest does not cover")
        func outsideFiles() async throws {
            try await with { cluster, images in
                let base = images + "/base.raw"
                let backing = images + "/backing.qcow2"
                let data = images + "/data.qcow2"
                let make = ["create", "-q", "-f", "qcow2"]
                try await Self.tool("/usr/bin/qemu-img", make + ["-b", base, "-F", "raw", backing], cluster)
                try await Self.tool(
                    "/usr/bin/qemu-img", make + ["-o", "data_file=\(images)/x,data_file_raw=on", data, "1M"], cluster)
                for (name, file, text) in [("backing", backing, "backing file"), ("data", data, "another file")] {
                    let manifest = try await manifest(
                        name, source: file, format: "qcow2", diskFormat: "raw", digestOf: file, in: cluster)
                    try await cluster.succeed("apply -f \(manifest)")
                    let machine = try await cluster.machine(name, until: "without its image") {
                        $0.condition("Ready")?["reason"] == "ErrImagePull"
                    }
                    let message = machine.condition("Ready")?["message"]?.string ?? ""
                    #expect(message.contains(text), "\(message)")
                }
                #expect(TextFile.names(in: cluster.directory(of: 1) + "/images").isEmpty)
            }
        }

        @Test("A machine that can't run says its reason: no space, no such address, no disk any more")
        func reasons() async throws {
            try await with { cluster, images in
                let forwards = cluster.root + "/address.json"
                try TextFile.write(
                    #"{"apiVersion":"blixard.dev/v1","kind":"VirtualMachine","metadata":{"name":"address"},"spec":"#
                        + #"{"memory":"32Mi","networks":[{"name":"n","portForwards":"#
                        + #"[{"hostAddress":"192.0.2.7","hostPort":8080,"guestPort":80}]}]}}"#,
                    to: forwards)
                try await cluster.succeed("apply -f \(forwards)")
                _ = try await cluster.machine("address", until: "without its address") {
                    $0.condition("Ready")?["reason"] == "AddressNotAvailable"
                        && $0.condition("Ready")?["message"]?.string?.contains("192.0.2.7") == true
                }

                try await cluster.succeed("delete vm address")

                // A disk that vanished is not replaced by an empty one unless a user says so.
                let file = images + "/base.raw"
                let manifest = try await manifest("kept", source: file, digestOf: file, in: cluster)
                try await cluster.succeed("apply -f \(manifest) --wait --timeout 60s")
                let running = try await cluster.machineRuns("kept")
                let directory = try cluster.machineDirectory(running)
                try await cluster.succeed("vm stop kept")
                try await cluster.machine("kept", until: "Stopped") { $0.phase == "Stopped" }
                #expect(running["status"]?["disks"] == ["d"])
                try await cluster.succeed("down --data-dir \(cluster.dataDirectory)")
                for name in TextFile.names(in: directory) { unlink(directory + "/" + name) }
                #expect(rmdir(directory) == 0)
                try await cluster.up()
                try await cluster.succeed("vm start kept")
                _ = try await cluster.machine("kept", until: "without its disk") {
                    $0.condition("Ready")?["reason"] == "DiskMissing"
                        && $0.condition("DiskMissing")?["status"] == "True"
                }
                #expect(access(directory, F_OK) != 0)
                try await cluster.succeed("vm restart kept")
                try await cluster.machineRuns("kept")
            }
        }

        @Test("A machine on a full disk has the words \"no space left on device\"", .enabled(if: geteuid() == 0))
        func fullDisk() async throws {
            try await TestCluster.with(nodes: 1, hypervisor: "qemu") { cluster in
                let small = cluster.dataDirectory
                mkdir(small, 0o700)
                guard mount("none", small, "tmpfs", 0, "size=300m") == 0 else {
                    try Test.cancel(
                        "no file system can be mounted here: \(Comment(rawValue: String(cString: strerror(errno))))")
                }
                defer { umount2(small, Int32(MNT_DETACH)) }
                try await cluster.up()
                let filler = open(small + "/filler", O_WRONLY | O_CREAT, 0o600)
                let piece = [UInt8](repeating: 0, count: 1 << 20)
                while write(filler, piece, piece.count) > 0 {}
                close(filler)
                let manifest = cluster.root + "/db.json"
                try TextFile.write(
                    #"{"apiVersion":"blixard.dev/v1","kind":"VirtualMachine","metadata":{"name":"db"},"spec":"#
                        + #"{"memory":"32Mi","disks":[{"name":"d","size":"64Mi"}]}}"#,
                    to: manifest)
                try await cluster.succeed("apply -f \(manifest)")
                _ = try await cluster.machine("db", until: "without space") { machine in
                    let message = machine.condition("Ready")?["message"]?.string ?? ""
                    return machine.condition("Ready")?["reason"] == "NoSpace"
                        && message.contains("no space left on device") && message.contains(small)
                }
                unlink(small + "/filler")
                try await cluster.machineRuns("db")
                try await cluster.succeed("down --data-dir \(small)")
            }
        }
    }
}
