import Crypto
import Host
import Manifest
import NIOHTTP1
import NIOPosix
import Primitives
import Reconcile
import Replica
import Synchronization
import TestFiles
import Testing

@testable import Agent

@Suite("The image store")
struct ImageStoreTests {
    private static let content = [UInt8]("a kernel, or what passes for one\n".utf8)
    private static let digest = Hex.encode(SHA256.hash(data: content))

    private func order(_ source: String, digest: String = digest) -> ImageOrder {
        ImageOrder(name: "kernel", spec: ImageSpec(source: source, digestHex: digest, format: .kernel))
    }

    private func store(_ directory: String, freeBytes: Int64 = .max) -> ImageStore {
        ImageStore(
            room: ImageStore.Room(directory: directory, keptBytes: 1000, freeBytes: { _ in freeBytes }),
            group: MultiThreadedEventLoopGroup.singleton)
    }

    /// Held means: there, under its digest, byte for byte, and nothing half done beside it.
    private func expectHeld(_ holding: ImageShelf.Holding, in directory: String) throws {
        let path = "\(directory)/\(Self.digest).kernel"
        #expect(holding == .held(path: path, format: .kernel))
        let kept = try DurableFile.read(path, limit: 1000)
        #expect(kept == Self.content)
        let names = try FileSystemDisk().list(directory)
        #expect(names == ["\(Self.digest).kernel"])
    }

    private func expectFailed(_ holding: ImageShelf.Holding, saying text: String, in directory: String) throws {
        guard case .failed(let message) = holding else {
            Issue.record("\(holding)")
            return
        }
        #expect(message.contains(text), "\(message)")
        let names = try FileSystemDisk().list(directory)
        #expect(names == [])
    }

    @Test("keeps a file of this host under its digest")
    func path() async throws {
        try await TemporaryDirectory.with(named: "agent") { source in
            try DurableFile.write(Self.content, to: source + "/vmlinuz", mode: 0o600)
            try await TemporaryDirectory.with(named: "agent") { directory in
                try expectHeld(await store(directory).ensure(order(source + "/vmlinuz")), in: directory)
            }
        }
    }

    @Test("fetches an image over HTTP once, and needs its source no more")
    func http() async throws {
        try await TemporaryDirectory.with(named: "agent") { directory in
            let url = try await HTTPSource.with(status: .ok, body: Self.content) { port in
                let url = "http://127.0.0.1:\(port)/vmlinuz"
                try expectHeld(await store(directory).ensure(order(url)), in: directory)
                return url
            }
            try expectHeld(await store(directory).ensure(order(url)), in: directory)
        }
    }

    @Test("refuses what has another digest, and says both")
    func wrongDigest() async throws {
        let wanted = String(repeating: "0", count: 64)
        try await TemporaryDirectory.with(named: "agent") { directory in
            try await HTTPSource.with(status: .ok, body: Self.content) { port in
                let holding = await store(directory).ensure(order("http://127.0.0.1:\(port)/", digest: wanted))
                try expectFailed(holding, saying: "sha256:\(Self.digest)", in: directory)
                try expectFailed(holding, saying: "sha256:\(wanted)", in: directory)
            }
        }
    }

    @Test("keeps nothing of a source that is missing, refuses, or breaks off")
    func failures() async throws {
        try await TemporaryDirectory.with(named: "agent") { directory in
            let images = store(directory)
            try expectFailed(await images.ensure(order("/nowhere/vmlinuz")), saying: "No such file", in: directory)
            try await HTTPSource.with(status: .notFound, body: Self.content) { port in
                let holding = await images.ensure(order("http://127.0.0.1:\(port)/"))
                try expectFailed(holding, saying: "404", in: directory)
            }
            try await HTTPSource.with(status: .ok, body: Self.content, declaring: 1 << 20) { port in
                let holding = await images.ensure(order("http://127.0.0.1:\(port)/"))
                try expectFailed(holding, saying: "http://127.0.0.1:\(port)/", in: directory)
            }
        }
    }

    @Test("leaves alone what would take the room that the log needs, and says so", arguments: [1031, 0] as [Int64])
    func noRoom(freeBytes: Int64) async throws {
        try await TemporaryDirectory.with(named: "agent") { source in
            try DurableFile.write(Self.content, to: source + "/vmlinuz", mode: 0o600)
            try await TemporaryDirectory.with(named: "agent") { directory in
                let images = store(directory, freeBytes: freeBytes)
                try expectFailed(await images.ensure(order(source + "/vmlinuz")), saying: "no room", in: directory)
                try await HTTPSource.with(status: .ok, body: Self.content) { port in
                    let holding = await images.ensure(order("http://127.0.0.1:\(port)/vmlinuz"))
                    try expectFailed(holding, saying: "1000 are kept", in: directory)
                }
            }
        }
    }

    @Test("stops in the middle of a source that says nothing of its size, or too little")
    func growing() async throws {
        try await TemporaryDirectory.with(named: "agent") { directory in
            let left = Mutex<Int64>(20 << 20)
            let room = ImageStore.Room(directory: directory, keptBytes: 1000) { _ in
                left.withLock { left in
                    defer { left -= 8 << 20 }
                    return left
                }
            }
            let sink = try ImageSink(directory + "/x" + ImageSink.suffix, room: room, announced: nil)
            let piece = [UInt8](repeating: 1, count: 1 << 20)
            var written = 0
            do throws(AgentError) {
                for _ in 0..<100 {
                    try sink.write(piece[...])
                    written += 1
                }
                Issue.record("all of it was written")
            } catch {
                #expect("\(error)".contains("no room"))
            }
            #expect((1...16).contains(written))
        }
    }

    @Test("forgets at a start what an earlier run has left half done, and nothing else")
    func prune() async throws {
        try await TemporaryDirectory.with(named: "agent") { directory in
            for name in ["a.kernel", "a.kernel.17.partial", "b.qcow2.1.partial"] {
                try DurableFile.write([1], to: "\(directory)/\(name)", mode: 0o600)
            }
            try await store(directory).prune()
            #expect(try FileSystemDisk().list(directory) == ["a.kernel"])
        }
    }
}
