import Crypto
import Host
import Manifest
import NIOHTTP1
import NIOPosix
import Primitives
import Reconcile
import Replica
import Testing

@testable import Agent

@Suite("The image store")
struct ImageStoreTests {
    private static let content = [UInt8]("a kernel, or what passes for one\n".utf8)
    private static let digest = Hex.encode(SHA256.hash(data: content))

    private func order(_ source: String, digest: String = digest) -> ImageOrder {
        ImageOrder(name: "kernel", spec: ImageSpec(source: source, digestHex: digest, format: .kernel))
    }

    private func store(_ directory: String) -> ImageStore {
        ImageStore(directory: directory, group: MultiThreadedEventLoopGroup.singleton)
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
        try await TemporaryDirectory.with { source in
            try DurableFile.write(Self.content, to: source + "/vmlinuz", mode: 0o600)
            try await TemporaryDirectory.with { directory in
                try expectHeld(await store(directory).ensure(order(source + "/vmlinuz")), in: directory)
            }
        }
    }

    @Test("fetches an image over HTTP once, and needs its source no more")
    func http() async throws {
        try await TemporaryDirectory.with { directory in
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
        try await TemporaryDirectory.with { directory in
            try await HTTPSource.with(status: .ok, body: Self.content) { port in
                let holding = await store(directory).ensure(order("http://127.0.0.1:\(port)/", digest: wanted))
                try expectFailed(holding, saying: "sha256:\(Self.digest)", in: directory)
                try expectFailed(holding, saying: "sha256:\(wanted)", in: directory)
            }
        }
    }

    @Test("keeps nothing of a source that is missing, refuses, or breaks off")
    func failures() async throws {
        try await TemporaryDirectory.with { directory in
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
}
