import Glibc
import Host
import Hypervisor
import Primitives
import Testing

@testable import QEMU

@Suite("Disks of machines", .enabled(if: RealQEMU.mayRun, RealQEMU.reason), .timeLimit(.minutes(2)), .serialized)
struct MachineDisksTests {
    private func spec(_ disks: MachineSpec.Disk...) -> MachineSpec {
        var spec = exampleSpec()
        spec.disks = disks
        return spec
    }

    private func run(_ bench: Bench, _ spec: MachineSpec) async throws {
        try await bench.driver.start(spec)
        try await bench.driver.stop(spec.uid, graceMilliseconds: 0)
    }

    private func bytes(_ path: String, _ count: Int) -> [UInt8] {
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: count)
        let found = read(descriptor, &bytes, count)
        return Array(bytes.prefix(max(0, found)))
    }

    private func size(_ path: String) -> Int { Int((try? FileSystemDisk().open(path, for: .reading).size()) ?? -1) }

    @Test("Disks are based on no image that was written to since its digest was checked")
    func writtenImage() async throws {
        try await Bench.with("disks") { bench in
            let image = bench.root + "/image.raw"
            try DurableFile.write([UInt8](repeating: 1, count: 1 << 20), to: image, mode: 0o644)
            try CheckedFile.note(image)
            func spec(_ name: String) -> MachineSpec {
                self.spec(
                    .init(
                        name: name, sizeBytes: 4 << 20, format: .qcow2, baseImage: .init(path: image, format: .raw)))
            }
            try await run(bench, spec("a"))
            try DurableFile.write([UInt8](repeating: 2, count: 1 << 20), to: image, mode: 0o644)
            await #expect { try await bench.driver.start(spec("b")) } throws: {
                ($0 as? MachineFailure)?.reason == .imageMissing
            }
        }
    }

    @Test("Disks are made when missing, keep what is in them, grow, and never shrink")
    func growth() async throws {
        try await Bench.with("disks") { bench in
            var spec = spec(
                .init(name: "a", sizeBytes: 4 << 20, format: .raw, baseImage: nil),
                .init(name: "b", sizeBytes: 4 << 20, format: .qcow2, baseImage: nil))
            let raw = bench.directory(spec).path(of: "disk-a.raw")
            let qcow2 = bench.directory(spec).path(of: "disk-b.qcow2")
            try await run(bench, spec)
            #expect(size(raw) == 4 << 20)
            #expect((try DiskFile.look(qcow2, .qcow2))?.virtualBytes == 4 << 20)
            let descriptor = open(raw, O_WRONLY)
            #expect(pwrite(descriptor, "precious", 8, 0) == 8)
            close(descriptor)
            for wanted: Int64 in [8 << 20, 2 << 20] {
                spec.disks[0].sizeBytes = wanted
                spec.disks[1].sizeBytes = wanted
                try await run(bench, spec)
                #expect(size(raw) == 8 << 20)
                #expect((try DiskFile.look(qcow2, .qcow2))?.virtualBytes == 8 << 20)
                #expect(bytes(raw, 8) == Array("precious".utf8))
            }
            spec.disks[0].format = .qcow2
            await #expect { try await bench.driver.start(spec) } throws: {
                ($0 as? MachineFailure)?.reason == .badConfiguration
            }
            #expect(bytes(raw, 8) == Array("precious".utf8))
        }
    }

    @Test("Disks and memory of odd sizes are made up to what QEMU can do")
    func oddSizes() async throws {
        try await Bench.with("odd") { bench in
            var spec = spec(
                .init(name: "a", sizeBytes: 1_000_001, format: .raw, baseImage: nil),
                .init(name: "b", sizeBytes: 1_000_001, format: .qcow2, baseImage: nil))
            spec.memoryBytes = 64_000_001
            for _ in 0..<2 { try await run(bench, spec) }
            #expect(size(bench.directory(spec).path(of: "disk-a.raw")) == 1_000_448)
            let found = try DiskFile.look(bench.directory(spec).path(of: "disk-b.qcow2"), .qcow2)
            #expect(found?.virtualBytes == 1_000_448)
        }
    }

    @Test("Disks based on an image show its content, in either format, and leave it unchanged")
    func bases() async throws {
        try await Bench.with("bases") { bench in
            let image = bench.root + "/image.raw"
            defer { unlink(image) }
            // A boot sector that jumps to itself.
            var content = [UInt8](repeating: 0, count: 1 << 20)
            content.replaceSubrange(0..<2, with: [0xeb, 0xfe])
            content.replaceSubrange(510..<512, with: [0x55, 0xaa])
            try DurableFile.write(content, to: image, mode: 0o444)
            let base = MachineSpec.BaseImage(path: image, format: .raw)
            var spec = spec(
                .init(name: "a", sizeBytes: 2 << 20, format: .qcow2, baseImage: base),
                .init(name: "b", sizeBytes: 2 << 20, format: .raw, baseImage: base))
            spec.boot = .disk(name: "a")
            try await run(bench, spec)
            let copy = bench.directory(spec).path(of: "disk-b.raw")
            #expect(size(copy) == 2 << 20)
            #expect(bytes(copy, content.count) == content)
            #expect(bytes(image, content.count) == content && size(image) == content.count)
            let names = try FileSystemDisk().list(bench.directory(spec).path)
            #expect(!names.contains { $0.hasSuffix(".new") || $0 == "qemu-img.log" })
        }
    }

    @Test("Disks name their image so that both can be moved, and find it by what they named it before")
    func moved() async throws {
        try await Bench.with("moved") { bench in
            let images = bench.root + "/images"
            try DurableFile.createDirectory(images)
            try DurableFile.write([UInt8](repeating: 7, count: 1 << 20), to: images + "/x.raw", mode: 0o444)
            let base = MachineSpec.BaseImage(path: images + "/x.raw", format: .raw)
            let spec = spec(.init(name: "a", sizeBytes: 1 << 20, format: .qcow2, baseImage: base))
            try await run(bench, spec)
            let disk = bench.directory(spec).path(of: "disk-a.qcow2")
            #expect(try DiskFile.look(disk, .qcow2)?.header?.backingFile == "../../images/x.raw")
            // As a disk of an earlier place of the data directory names it.
            let tool = ImageTool(executable: "/usr/bin/qemu-img")
            let elsewhere = ["rebase", "-q", "-u", "-f", "qcow2", "-b", "/former/images/x.raw", "-F", "raw", disk]
            try await tool.run(elsewhere, in: bench.root)
            var filled = spec
            filled.disks[0].baseImage = nil
            filled.disks[0].isFilled = true
            try await run(bench, filled)
            #expect(try DiskFile.look(disk, .qcow2)?.header?.backingFile == "../../images/x.raw")
            #expect(await bench.driver.observe(spec.uid).disks == ["a"])

            unlink(images + "/x.raw")
            await #expect { try await bench.driver.start(filled) } throws: {
                ($0 as? MachineFailure)?.reason == .imageMissing
            }
            unlink(disk)
            await #expect { try await bench.driver.start(filled) } throws: {
                ($0 as? MachineFailure)?.reason == .diskMissing
            }
            #expect(await bench.driver.observe(spec.uid).disks == [])
        }
    }

    @Test("The kernel that a machine was booted from is told by later looks, as long as it is there")
    func kernel() async throws {
        try await Bench.with("kernel") { bench in
            let kernel = bench.root + "/images/k.kernel"
            try DurableFile.createDirectory(bench.root + "/images")
            try DurableFile.write(BuiltinGuest(heedsPowerButton: true).kernelImage, to: kernel, mode: 0o444)
            var spec = exampleSpec(boot: .kernel(path: kernel, initrd: nil, commandLine: ""))
            spec.bootImages = ["k": kernel]
            for _ in 0..<2 {
                try await run(bench, spec)
                #expect(await bench.driver.observe(spec.uid).bootImages == ["k": kernel])
                let record = try DurableFile.read(bench.directory(spec).path(of: "launch.json"), limit: 1 << 20)
                #expect(String(decoding: record, as: UTF8.self).contains("\"../../images/k.kernel\""))
            }
            let successor = await bench.successor()
            #expect(await successor.observe(spec.uid).bootImages == ["k": kernel])
            unlink(kernel)
            #expect(await successor.observe(spec.uid).bootImages == [:])
            await successor.close()
        }
    }

    @Test("Disks are not made from an image that shows what is in another file")
    func outside() async throws {
        try await Bench.with("outside") { bench in
            let tool = ImageTool(executable: "/usr/bin/qemu-img")
            try DurableFile.write([UInt8](repeating: 7, count: 1 << 20), to: bench.root + "/host", mode: 0o400)
            try await tool.run(["create", "-q", "-f", "qcow2", "-b", "host", "-F", "raw", "image"], in: bench.root)
            for format in MachineSpec.DiskFormat.allCases {
                let base = MachineSpec.BaseImage(path: bench.root + "/image", format: .qcow2)
                let spec = spec(.init(name: "a", sizeBytes: 1 << 20, format: format, baseImage: base))
                await #expect { try await bench.driver.start(spec) } throws: {
                    ($0 as? MachineFailure)?.message.contains("backing file") == true
                }
                #expect(await bench.driver.observe(spec.uid).disks == [])
            }
        }
    }

    @Test("Disks whose image is missing or larger than the disk are not made at all")
    func refusals() async throws {
        try await Bench.with("refusals") { bench in
            let missing = MachineSpec.BaseImage(path: bench.root + "/none", format: .raw)
            await #expect {
                try await bench.driver.start(spec(.init(name: "a", sizeBytes: 512, format: .qcow2, baseImage: missing)))
            } throws: { ($0 as? MachineFailure)?.reason == .imageMissing }
            let image = bench.root + "/image.raw"
            defer { unlink(image) }
            try DurableFile.write([UInt8](repeating: 1, count: 4096), to: image, mode: 0o444)
            let base = MachineSpec.BaseImage(path: image, format: .raw)
            await #expect {
                try await bench.driver.start(spec(.init(name: "a", sizeBytes: 512, format: .qcow2, baseImage: base)))
            } throws: { ($0 as? MachineFailure)?.reason == .badConfiguration }
            await #expect {
                try await bench.driver.start(spec(.init(name: "a", sizeBytes: 0, format: .raw, baseImage: nil)))
            } throws: { ($0 as? MachineFailure)?.reason == .badConfiguration }
            #expect(await bench.driver.observe(exampleSpec().uid).state == .stopped(.neverStarted))
            try await bench.driver.delete(exampleSpec().uid)
            #expect(await bench.driver.observe(exampleSpec().uid).state == .absent)
        }
    }
}
