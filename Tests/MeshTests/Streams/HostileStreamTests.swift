import NIOCore
import Primitives
import Testing

@testable import Mesh

/// What an admitted key can do that breaks the protocol of streams, and what it costs: its own stream.
@Suite struct HostileStreamTests {
    enum Attack: CaseIterable {
        case hugeHeader, emptyHeader, garbage, foreignVersion, halfAHeader

        var bytes: [UInt8] {
            switch self {
            case .hugeHeader: [0xff, 0xff, 0xff, 0x7f]
            case .emptyHeader: [0, 0, 0, 0]
            case .garbage: [9, 0, 0, 0] + Array("GET / HTTP/1.1".utf8)
            case .foreignVersion: [5, 0, 0, 0, 2, 1, 0x6b, 0, 0]
            case .halfAHeader: [200, 0, 0, 0, 1, 4]
            }
        }
    }

    @Test("A header that is none closes its connection, and the others go on", arguments: Attack.allCases)
    func header(_ attack: Attack) async throws {
        let fixture = try await served()
        let connection = try await collect(fixture)
        connection.channel.writeAndFlush(ByteBuffer(bytes: attack.bytes), promise: nil)
        if attack == .halfAHeader { try await connection.channel.close(mode: .output).get() }
        try await eventually("the end") { connection.value.isClosed }
        #expect(try await fixture.push([1, 2, 3]) == "3")
        if attack != .halfAHeader { #expect(fixture.server.counters.violations == 1) }
        try await eventually("no stream is left") { fixture.server.counters.open == 0 }
        await fixture.stop()
    }

    @Test("More bytes than announced, or other ones, or fewer, are never taken for the whole")
    func bytes() async throws {
        let ends = Shared<[StreamFailure?]>([])
        let fixture = try await StreamFixture { request in
            let stream = try await request.accept(
                sending: .open, holding: .none, parameters: [], silenceMilliseconds: nil)
            let failure = await streamFailure { try await stream.readAll(limit: .max) }
            ends.change { $0.append(failure) }
        }
        let header = StreamHeader(
            kind: "test", parameters: [], extent: .exactly(bytes: 4, checksum: CRC32C.checksum([1, 2, 3, 4])),
            resume: 0)
        let bodies: [[UInt8]] = [[1, 2, 3, 4, 5], [1, 2, 3], [1, 2, 4, 4], []]
        for (number, body) in bodies.enumerated() {
            let connection = try await collect(fixture)
            connection.channel.writeAndFlush(ByteBuffer(bytes: header.frame + body), promise: nil)
            // The other end may have closed the connection before: it has seen enough of some of these bodies.
            try? await connection.channel.close(mode: .output).get()
            try await eventually("the failure") { ends.value.count == number + 1 }
        }
        #expect(
            ends.value == [
                .violation("more bytes than were announced"), .cut(missing: 1), .checksum, .cut(missing: 4),
            ])
        await fixture.stop()
    }

    @Test("Silence, and a trickle, end by the deadline: in the header and in the bytes", arguments: [true, false])
    func silence(inHeader: Bool) async throws {
        var settings = StreamFixture.settings
        settings.headerMilliseconds = inHeader ? 200 : 60_000
        settings.stallMilliseconds = inHeader ? 60_000 : 200
        let failures = Shared<[StreamFailure?]>([])
        let fixture = try await StreamFixture(settings: settings) { request in
            let stream = try await request.accept(
                sending: .open, holding: .none, parameters: [], silenceMilliseconds: nil)
            let failure = await streamFailure { try await stream.readAll(limit: .max) }
            failures.change { $0.append(failure) }
        }
        let header = StreamHeader(
            kind: "test", parameters: [], extent: .exactly(bytes: 1 << 20, checksum: 0), resume: 0)
        let connection = try await collect(fixture)
        if !inHeader { connection.channel.writeAndFlush(ByteBuffer(bytes: header.frame), promise: nil) }
        let rest = inHeader ? header.frame : pattern(1 << 20)
        let next = Shared(0)
        let trickle = connection.channel.eventLoop.scheduleRepeatedTask(
            initialDelay: .zero, delay: .milliseconds(inHeader ? 50 : 10)
        ) { _ in
            let index = next.change { index in
                index += 1
                return index - 1
            }
            guard index < rest.count - 1 else { return }
            connection.channel.writeAndFlush(ByteBuffer(bytes: [rest[index]]), promise: nil)
        }
        try await eventually("the end") { connection.value.isClosed || !connection.channel.isActive }
        trickle.cancel()
        if !inHeader { try await eventually("the failure") { failures.value == [.stalled(milliseconds: 200)] } }
        try await eventually("no stream is left") { fixture.server.counters.open == 0 }
        await fixture.stop()
    }

    @Test("A peer that never reads holds up its writer for the deadline, and nobody else")
    func neverReads() async throws {
        var settings = StreamFixture.settings
        settings.stallMilliseconds = 3000
        let failures = Shared<[StreamFailure?]>([])
        let fixture = try await StreamFixture(settings: settings) { request in
            let stream = try await request.accept(
                sending: .open, holding: .none, parameters: [], silenceMilliseconds: nil)
            if request.header.extent == .open {
                let chunk = pattern(256 << 10)
                let failure = await streamFailure { while true { try await stream.write(chunk) } }
                failures.change { $0.append(failure) }
            } else {
                let count = try await stream.readAll(limit: .max).count
                try await stream.write(Array("\(count)".utf8))
                try await stream.finish()
            }
        }
        let connection = try await collect(fixture)
        try await connection.channel.setOption(.autoRead, value: false).get()
        let header = StreamHeader(kind: "test", parameters: [], extent: .open, resume: 0)
        connection.channel.writeAndFlush(ByteBuffer(bytes: header.frame), promise: nil)
        #expect(try await fixture.push(pattern(1 << 20)) == "\(1 << 20)")
        try await eventually("the deadline") { failures.value == [.stalled(milliseconds: 3000)] }
        try await eventually("no stream is left") { fixture.server.counters.open == 0 }
        connection.channel.close(promise: nil)
        await fixture.stop()
    }

    @Test("A listener that wants bytes that do not exist, or answers nonsense, fails the opener alone")
    func hostileListener() async throws {
        let wrongResume = StreamAnswer.accepted(StreamAcceptance(parameters: [], extent: .nothing, resume: 5)).frame
        for frame in [wrongResume, [3, 0, 0, 0, 1, 9, 9], [0xff, 0xff, 0xff, 0xff]] {
            let answering = try await Fixture(streams: FrameSender(frame: frame))
            let client = StreamClient(
                dialer: Dialer(identity: Identity(), group: Fixture.group), settings: StreamFixture.settings)
            let failure = await streamFailure {
                try await client.withStream(
                    to: .key(answering.identity.publicKey, addresses: [answering.address]), kind: "test",
                    parameters: [], sending: .all(of: [1, 2, 3, 4]), holding: .none, silenceMilliseconds: nil
                ) { _ in Issue.record("it was taken for an answer") }
            }
            if case .violation = failure {} else { Issue.record("\(String(describing: failure))") }
            await answering.stop()
        }
    }

    /// Says the same to every header.
    private struct FrameSender: ProtocolHandler {
        let frame: [UInt8]

        func accept(_ connection: AcceptedConnection) -> EventLoopFuture<ConnectionTask?> {
            connection.channel.writeAndFlush(ByteBuffer(bytes: frame), promise: nil)
            return connection.channel.eventLoop.makeSucceededFuture(nil)
        }
    }

    /// A listener whose handler answers with the number of bytes that it got.
    private func served() async throws -> StreamFixture {
        try await StreamFixture { request in
            let stream = try await request.accept(
                sending: .open, holding: .none, parameters: [], silenceMilliseconds: nil)
            let count = try await stream.readAll(limit: .max).count
            try await stream.write(Array("\(count)".utf8))
            try await stream.finish()
        }
    }

    private func collect(_ fixture: StreamFixture) async throws -> DialedConnection<Collector> {
        try await Dialer(identity: Identity(), group: Fixture.group).collect(fixture.target, alpn: .stream)
    }
}
