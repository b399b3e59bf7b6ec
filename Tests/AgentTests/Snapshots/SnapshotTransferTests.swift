import Fleet
import Host
import Mesh
import Primitives
import Raft
import Synchronization
import TestFiles
import Testing

@testable import Agent

@Suite("A snapshot on its way to another node", .serialized)
struct SnapshotTransferTests {
    /// About 1.5 MB, so six chunks.
    private static let fleet = SnapshotFixture.fleet(machines: 1500)
    private static let data = fleet.encodeSnapshot()

    private func with(_ body: (SnapshotFixture) async throws -> Void) async throws {
        try await TemporaryDirectory.with(named: "agent") { path in
            let fixture = SnapshotFixture(directory: path)
            try await body(fixture)
            await fixture.stopReceiver()
        }
    }

    @Test("A snapshot arrives whole, is decoded, and leaves nothing behind once it is durable", .timeLimit(.minutes(2)))
    func whole() async throws {
        try await with { fixture in
            let port = try await fixture.startReceiver()
            let message = SnapshotFixture.message(Self.data, from: 1)
            let sender = fixture.sender(1, address: "127.0.0.1:\(port)")
            sender.send(message, to: NodeID(3))
            await fixture.reported(true)
            let delivery = try #require(fixture.deliveries.withLock { $0.first })
            #expect(delivery.from == NodeID(1) && delivery.message == message)
            #expect(delivery.fleet.stateHash == Self.fleet.stateHash)
            #expect(fixture.partialFiles.count == 1)
            // One thread, so that what is asked of it afterwards is done afterwards.
            let pool = BlockingPool(named: "test-discard", threads: 1)
            let receiver = SnapshotReceiver(
                node: NodeID(3), clusterID: SnapshotFixture.clusterID, directory: fixture.directory,
                pool: pool, members: fixture.members, logger: SnapshotFixture.quiet,
                hasRoom: { true }, appliedIndex: { .zero }, deliver: { _, _, _ in })
            receiver.discard(upTo: LogIndex(1))
            await pool.run { () throws(Never) in }
            #expect(fixture.partialFiles.count == 1)
            receiver.discard(upTo: LogIndex(2))
            await pool.run { () throws(Never) in }
            #expect(fixture.partialFiles.isEmpty)
            sender.close()
        }
    }

    @Test("A snapshot that is cut again and again goes on where it was cut", .timeLimit(.minutes(2)))
    func resumed() async throws {
        try await with { fixture in
            let port = try await fixture.startReceiver()
            let proxy = CuttingProxy(to: port, limits: [2000, 300_000, 600_000, 700_000, nil])
            // A try that comes before the receiver has seen the last one's end is sent away.
            let sender = fixture.sender(1, address: try await proxy.start(), tries: 100)
            sender.send(SnapshotFixture.message(Self.data, from: 1), to: NodeID(3))
            await fixture.reported(true)
            #expect(fixture.deliveries.withLock { $0.map(\.fleet.stateHash) } == [Self.fleet.stateHash])
            let passed = proxy.passed
            // How much of a connection's bytes arrives before it is cut is the kernel's to say.
            #expect(passed.count >= 3)
            // The last connection brought only what the others had not.
            #expect(try #require(passed.last) < Self.data.count - 2 * SnapshotChunks.chunkBytes)
            await proxy.stop()
            sender.close()
        }
    }

    @Test("A snapshot that one leader began goes on at the next, over the receiver's restart", .timeLimit(.minutes(2)))
    func otherLeader() async throws {
        try await with { fixture in
            let proxy = CuttingProxy(to: try await fixture.startReceiver(), limits: [700_000])
            let first = fixture.sender(1, address: try await proxy.start(), tries: 1)
            first.send(SnapshotFixture.message(Self.data, from: 1, term: 5), to: NodeID(3))
            await fixture.reported(false)
            await fixture.stopReceiver()
            await proxy.stop()
            #expect(fixture.partialFiles.count == 1)
            try SnapshotReceiver.cleanUp(fixture.directory, newerThan: LogIndex(1))
            let next = CuttingProxy(to: try await fixture.startReceiver(), limits: [])
            let second = fixture.sender(2, address: try await next.start())
            second.send(SnapshotFixture.message(Self.data, from: 2, term: 6), to: NodeID(3))
            await fixture.reported(true)
            #expect(fixture.deliveries.withLock { $0.map(\.from) } == [NodeID(2)])
            #expect(fixture.deliveries.withLock { $0.map(\.fleet.stateHash) } == [Self.fleet.stateHash])
            #expect(next.passed.reduce(0, +) < Self.data.count - SnapshotChunks.chunkBytes)
            await next.stop()
            first.close()
            second.close()
        }
    }

    @Test(
        "A snapshot is begun anew from the first chunk that a crash has spoiled", .timeLimit(.minutes(2)),
        arguments: [0, 1, 2])
    func spoiled(chunk: Int) async throws {
        try await with { fixture in
            let offer = SnapshotOffer(
                SnapshotFixture.message(Self.data, from: 1),
                Snapshot(
                    metadata: SnapshotFixture.message([], from: 1).snapshot!.metadata, data: Self.data),
                clusterID: SnapshotFixture.clusterID)
            var incoming = try IncomingSnapshot.open(offer, in: fixture.directory)
            for number in 0..<3 { try incoming.append(offer.chunks.encode(number, of: Self.data)) }
            #expect(incoming.chunksHeld == 3)
            let path = fixture.directory + "/" + offer.fileName
            let file = try FileSystemDisk().open(path, for: .readingAndWriting)
            try file.write([0xff, 0xff, 0xff], at: offer.chunks.offset(of: chunk) + 1000)
            file.close()
            let again = try IncomingSnapshot.open(offer, in: fixture.directory)
            #expect(again.chunksHeld == chunk)
            #expect(again.prefix.bytes == UInt64(offer.chunks.offset(of: chunk)))
            let port = try await fixture.startReceiver()
            let sender = fixture.sender(1, address: "127.0.0.1:\(port)")
            sender.send(SnapshotFixture.message(Self.data, from: 1), to: NodeID(3))
            await fixture.reported(true)
            #expect(fixture.deliveries.withLock { $0.map(\.fleet.stateHash) } == [Self.fleet.stateHash])
            sender.close()
        }
    }

    @Test(
        "A snapshot that can't be read is refused with the reason, again and again, and then reported",
        .timeLimit(.minutes(2)))
    func unreadable() async throws {
        try await with { fixture in
            let port = try await fixture.startReceiver()
            let sender = fixture.sender(1, address: "127.0.0.1:\(port)", tries: 3)
            sender.send(SnapshotFixture.message([9, 9, 9], from: 1), to: NodeID(3))
            await fixture.reported(false)
            #expect(fixture.deliveries.withLock { $0.isEmpty })
            #expect(fixture.partialFiles.isEmpty)
            sender.close()
        }
    }

    @Test(
        "A snapshot for which there is no place, or that names another sender or receiver, is refused",
        .timeLimit(.minutes(2)))
    func refused() async throws {
        try await with { fixture in
            let port = try await fixture.startReceiver()
            let address = "127.0.0.1:\(port)"
            // Leader 2 says that it is leader 1.
            let liar = fixture.sender(2, address: address, tries: 1)
            liar.send(SnapshotFixture.message(Self.data, from: 1), to: NodeID(3))
            await fixture.reported(false)
            #expect(fixture.partialFiles.isEmpty)
            fixture.reports.withLock { $0 = [] }
            try FileSystemDisk().rename(fixture.directory, to: fixture.directory + "-gone")
            let honest = fixture.sender(1, address: address, tries: 2)
            honest.send(SnapshotFixture.message(Self.data, from: 1), to: NodeID(3))
            await fixture.reported(false)
            try FileSystemDisk().rename(fixture.directory + "-gone", to: fixture.directory)
            honest.send(SnapshotFixture.message(Self.data, from: 1), to: NodeID(3))
            await fixture.reported(true)
            liar.close()
            honest.close()
        }
    }

    @Test(
        "A snapshot that the receiver has applied is not sent at all, and counts as delivered", .timeLimit(.minutes(2)))
    func alreadyThere() async throws {
        try await with { fixture in
            let proxy = CuttingProxy(to: try await fixture.startReceiver(appliedIndex: LogIndex(2)), limits: [])
            let sender = fixture.sender(1, address: try await proxy.start())
            sender.send(SnapshotFixture.message(Self.data, from: 1), to: NodeID(3))
            await fixture.reported(true)
            #expect(fixture.deliveries.withLock { $0.isEmpty })
            #expect(proxy.passed.reduce(0, +) < 20_000)
            await proxy.stop()
            sender.close()
        }
    }

    @Test(
        "A snapshot is not sent to a receiver whose disk has no room, and counts as not delivered",
        .timeLimit(.minutes(2)))
    func noRoom() async throws {
        try await with { fixture in
            let proxy = CuttingProxy(to: try await fixture.startReceiver(hasRoom: false), limits: [])
            let sender = fixture.sender(1, address: try await proxy.start(), tries: 2)
            sender.send(SnapshotFixture.message(Self.data, from: 1), to: NodeID(3))
            await fixture.reported(false)
            #expect(fixture.deliveries.withLock { $0.isEmpty })
            #expect(fixture.partialFiles.isEmpty)
            #expect(proxy.passed.reduce(0, +) < 40_000)
            await proxy.stop()
            sender.close()
        }
    }

    @Test(
        "A snapshot gives way to one of a newer term, and is forgotten when its member is removed",
        .timeLimit(.minutes(2)))
    func withdrawn() async throws {
        try await with { fixture in
            let port = try await fixture.startReceiver()
            // Nobody listens at port 1, and the pauses between tries are what is given up.
            let address = Mutex("127.0.0.1:1")
            let fixtureSender = SnapshotSender(
                clusterID: SnapshotFixture.clusterID,
                client: StreamClient(
                    dialer: Dialer(identity: fixture.leaders[0], group: SnapshotFixture.group), settings: .standard),
                patience: SnapshotSender.Patience(
                    tries: 1000, pause: Backoff(baseMilliseconds: 100, capMilliseconds: 100)),
                pool: SnapshotFixture.pool, logger: SnapshotFixture.quiet,
                target: { [fixture] _ in
                    .key(fixture.receiverIdentity.publicKey, addresses: [address.withLock { $0 }])
                },
                report: { [fixture] to, index, isDelivered in
                    fixture.reports.withLock {
                        $0.append(SnapshotFixture.Report(to: to, index: index, isDelivered: isDelivered))
                    }
                })
            async let transfers: Void = fixtureSender.run()
            fixtureSender.send(SnapshotFixture.message(Self.data, from: 1, term: 5), to: NodeID(3))
            fixtureSender.send(SnapshotFixture.message(Self.data, from: 1, term: 6), to: NodeID(3))
            fixtureSender.send(SnapshotFixture.message(Self.data, from: 1, term: 5), to: NodeID(2))
            fixtureSender.keep([NodeID(1), NodeID(3)])
            address.withLock { $0 = "127.0.0.1:\(port)" }
            await fixture.reported(true)
            #expect(fixture.deliveries.withLock { $0.map(\.message.term) } == [Term(6)])
            #expect(fixture.reports.withLock { $0.map(\.to) } == [NodeID(3)])
            fixtureSender.close()
            await transfers
        }
    }

    @Test("Only the newest snapshot on its way is kept, and only if it is newer than the node's own state")
    func cleanUp() async throws {
        try await TemporaryDirectory.with(named: "agent") { path in
            for name in ["snap-5-1-10-1.part", "snap-a-1-10-1.part", "snap-7-1-10-1.part", "other", "snap-x.part"] {
                try FileSystemDisk().create(path + "/" + name).close()
            }
            try SnapshotReceiver.cleanUp(path, newerThan: LogIndex(6))
            #expect(try FileSystemDisk().list(path) == ["snap-a-1-10-1.part"])
            try SnapshotReceiver.cleanUp(path, newerThan: LogIndex(10))
            #expect(try FileSystemDisk().list(path).isEmpty)
        }
    }
}
