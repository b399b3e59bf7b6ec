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

    private func order(
        _ source: String, digest: String = digest, format: ImageSpec.ImageFormat = .kernel
    ) -> ImageOrder {
        ImageOrder(name: "kernel", spec: ImageSpec(source: source, digestHex: digest, format: format))
    }

    private func store(
        _ directory: String, freeBytes: Int64 = .max, allowed: [String] = ["/tmp", "/nowhere"],
        pace: FetchPace = .standard
    ) -> ImageStore {
        ImageStore(
            room: ImageStore.Room(directory: directory, keptBytes: 1000, freeBytes: { _ in freeBytes }),
            sources: ImageStore.Sources(
                directories: SourceDirectories(directories: allowed), home: directory, pace: pace),
            atOnce: 2, group: MultiThreadedEventLoopGroup.singleton)
    }

    /// Held means: there, under its digest, byte for byte, and nothing half done beside it.
    private func expectHeld(_ holding: ImageShelf.Holding, in directory: String) throws {
        let path = "\(directory)/\(Self.digest).kernel"
        #expect(holding == .held(path: path, format: .kernel, bytes: Int64(Self.content.count)))
        let kept = try DurableFile.read(path, limit: 1000)
        #expect(kept == Self.content)
        let names = try FileSystemDisk().list(directory)
        #expect(names == ["\(Self.digest).kernel", "\(Self.digest).kernel.checked"])
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

    @Test("The image store keeps a file of this host under its digest")
    func path() async throws {
        try await TemporaryDirectory.with(named: "agent") { source in
            try DurableFile.write(Self.content, to: source + "/vmlinuz", mode: 0o600)
            try await TemporaryDirectory.with(named: "agent") { directory in
                try expectHeld(await store(directory).ensure(order(source + "/vmlinuz")), in: directory)
            }
        }
    }

    @Test("The image store fetches an image over HTTP once, and needs its source no more")
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

    @Test("A kept image is checked again when it was written to, and brought anew when its bytes are others")
    func writtenTo() async throws {
        try await TemporaryDirectory.with(named: "agent") { source in
            try await TemporaryDirectory.with(named: "agent") { directory in
                let (file, kept) = (source + "/vmlinuz", "\(directory)/\(Self.digest).kernel")
                try DurableFile.write(Self.content, to: file, mode: 0o600)
                let store = store(directory)
                try expectHeld(await store.ensure(order(file)), in: directory)
                // Other bytes of the same length, the source is there.
                let damaged = [UInt8](repeating: 0x78, count: Self.content.count)
                try DurableFile.write(damaged, to: kept, mode: 0o600)
                try expectHeld(await store.ensure(order(file)), in: directory)
                // The same bytes in another file, and no source.
                try DurableFile.write(Self.content, to: kept, mode: 0o600)
                try FileSystemDisk().remove(file)
                try expectHeld(await store.ensure(order(file)), in: directory)
                // Other bytes, and no source.
                try DurableFile.write(damaged, to: kept, mode: 0o600)
                guard case .failed(let message) = await store.ensure(order(file)) else {
                    Issue.record("held")
                    return
                }
                #expect(message.contains("written to since it was checked"), "\(message)")
            }
        }
    }

    @Test("The image store brings no more images at once than it may; one that waits can be given up")
    func limit() async throws {
        let limit = ConcurrencyLimit(2)
        let work = Work()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    try await limit.run {
                        work.begin()
                        while !work.mayEnd { await Task.yield() }
                        work.end()
                    }
                }
            }
            while limit.waitingCount < 4 { await Task.yield() }
            let another = Task { try await limit.run {} }
            while limit.waitingCount < 5 { await Task.yield() }
            another.cancel()
            await #expect(throws: CancellationError.self) { try await another.value }
            #expect(limit.waitingCount == 4)
            work.letEnd()
            try await group.waitForAll()
        }
        #expect(work.most == 2)
        #expect(try await limit.run { true })
    }

    private final class Work: Sendable {
        private let state = Mutex((now: 0, most: 0, mayEnd: false))

        var most: Int { state.withLock { $0.most } }
        var mayEnd: Bool { state.withLock { $0.mayEnd } }

        func begin() {
            state.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
        }

        func end() { state.withLock { $0.now -= 1 } }
        func letEnd() { state.withLock { $0.mayEnd = true } }
    }

    @Test("The image store refuses what has another digest, and says both")
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

    @Test("The image store keeps nothing of a source that is missing, refuses, or breaks off")
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

    @Test(
        "The image store leaves alone what would take the room that the log needs, and says so",
        arguments: [1031, 0] as [Int64])
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

    @Test("The image store stops in the middle of a source that says nothing of its size, or too little")
    func growing() async throws {
        try await TemporaryDirectory.with(named: "agent") { directory in
            let left = Mutex<Int64>(20 << 20)
            let room = ImageStore.Room(directory: directory, keptBytes: 1000) { _ in
                left.withLock { left in
                    defer { left -= 8 << 20 }
                    return left
                }
            }
            let sink = try ImageSink(
                directory + "/x" + ImageSink.suffix, format: .raw, room: room, announced: nil)
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

    @Test("The image store takes no more than was announced, and no kernel that no memory holds")
    func bounds() async throws {
        try await TemporaryDirectory.with(named: "agent") { directory in
            let room = ImageStore.Room(directory: directory, keptBytes: 0, freeBytes: { _ in .max })
            let sink = try ImageSink(directory + "/x", format: .raw, room: room, announced: 3)
            try sink.write([1, 2, 3])
            #expect(throws: AgentError.self) { try sink.write([4]) }
            for (announced, format) in [(Int64.max, .raw), (3 << 30, .kernel), (3 << 30, .initrd), (-1, .raw)]
                as [(Int64, ImageSpec.ImageFormat)]
            {
                #expect(throws: AgentError.self) {
                    try ImageSink(directory + "/y", format: format, room: room, announced: announced)
                }
            }
            #expect(try FileSystemDisk().list(directory) == ["x"])
        }
    }

    @Test("The image store reads no file of the host without leave, and says which flag gives it")
    func noLeave() async throws {
        try await TemporaryDirectory.with(named: "agent") { directory in
            let none = await store(directory, allowed: []).ensure(order("/tmp/x"))
            try expectFailed(none, saying: "--source-dir", in: directory)
            let other = await store(directory, allowed: ["/srv"]).ensure(order("/tmp/x"))
            try expectFailed(other, saying: "(/srv)", in: directory)
        }
    }

    @Test(
        "The image store fails at a URL that no request can be made of, and at one that a redirect leads to",
        arguments: ["https://127.0.0.1:99999/x", "http://:1/x", "ftp://a/b", "", "x", "http://127.0.0.1:0/"])
    func badURLs(url: String) async throws {
        try await TemporaryDirectory.with(named: "agent") { directory in
            try expectFailed(await store(directory).ensure(order(url)), saying: url, in: directory)
            try await HTTPSource.with(status: .found, body: [], location: url) { port in
                let holding = await store(directory).ensure(order("http://127.0.0.1:\(port)/a"))
                try expectFailed(holding, saying: "127.0.0.1:\(port)/a: the source", in: directory)
            }
        }
    }

    @Test("The image store follows a few redirects and no more")
    func redirects() async throws {
        try await TemporaryDirectory.with(named: "agent") { directory in
            try await HTTPSource.with(status: .ok, body: Self.content) { last in
                try await HTTPSource.with(
                    status: .temporaryRedirect, body: [], location: "http://127.0.0.1:\(last)/x"
                ) { first in
                    try expectHeld(await store(directory).ensure(order("http://127.0.0.1:\(first)/")), in: directory)
                }
            }
        }
        try await TemporaryDirectory.with(named: "agent") { directory in
            try await HTTPSource.with(status: .found, body: [], location: "/again") { port in
                let holding = await store(directory).ensure(order("http://127.0.0.1:\(port)/"))
                try expectFailed(holding, saying: "more than 5 times", in: directory)
            }
        }
    }

    @Test("The image store refuses a qcow2 file that names another file, also one that it holds already")
    func outsideFiles() async throws {
        var header = [UInt8](repeating: 0, count: 1 << 17)
        header.replaceSubrange(0..<8, with: Array("QFI".utf8) + [0xfb, 0, 0, 0, 3])
        header.replaceSubrange(20..<24, with: [0, 0, 0, 16])
        // Where its tables are: both in the second cluster, which nobody reads here.
        for place in [45, 53] { header[place] = 1 }
        header[59] = 1
        header[103] = 104
        let sound = header
        header[15] = 112
        header[19] = 4
        header.replaceSubrange(112..<116, with: Array("/etc".utf8))
        for (bytes, isSound) in [(sound, true), (header, false)] {
            try await TemporaryDirectory.with(named: "agent") { source in
                try DurableFile.write(bytes, to: source + "/disk", mode: 0o600)
                let digest = Hex.encode(SHA256.hash(data: bytes))
                try await TemporaryDirectory.with(named: "agent") { directory in
                    let images = store(directory)
                    let wanted = order(source + "/disk", digest: digest, format: .qcow2)
                    if isSound {
                        guard case .held(_, .qcow2, 131_072) = await images.ensure(wanted) else {
                            Issue.record("\(await images.ensure(wanted))")
                            return
                        }
                    } else {
                        try expectFailed(await images.ensure(wanted), saying: "backing file", in: directory)
                        try DurableFile.write(bytes, to: "\(directory)/\(digest).qcow2", mode: 0o600)
                        guard case .failed = await images.ensure(wanted) else {
                            Issue.record("held")
                            return
                        }
                    }
                }
            }
        }
    }

    @Test("The image store gives up a source whose task is cancelled, and leaves nothing of it")
    func cancelled() async throws {
        try await TemporaryDirectory.with(named: "agent") { directory in
            // Announces more than it gives, and then keeps the connection.
            try await HTTPSource.with(status: .ok, body: Self.content, declaring: 1 << 20, isKeptOpen: true) { port in
                let images = store(directory)
                let task = Task { await images.ensure(order("http://127.0.0.1:\(port)/")) }
                while try FileSystemDisk().list(directory).isEmpty { await Task.yield() }
                task.cancel()
                guard case .failed = await task.value else {
                    Issue.record("held")
                    return
                }
                #expect(try FileSystemDisk().list(directory) == [])
            }
        }
    }

    @Test("The image store forgets at a start what an earlier run has left half done, and nothing else")
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
