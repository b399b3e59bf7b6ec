import NIOCore
import Primitives
import Testing

@testable import Mesh

/// What an admitted key can do that breaks the protocol, and what it costs: its own connection.
@Suite struct HostilePeerTests {
    enum Attack: CaseIterable {
        case garbage, oversizedFrame, noHello, twoHellos, foreignVersion, oversizedMessage, endlessMessage
        case interleavedMessages, emptyParts

        var bytes: [UInt8] {
            var buffer = ByteBuffer()
            switch self {
            case .garbage: buffer.writeString("GET / HTTP/1.1\r\n\r\n")
            case .oversizedFrame:
                hello(&buffer)
                buffer.writeInteger(UInt32(Limits.frameBytes + 1), endianness: .little)
            case .noHello: PeerFrame.whole(ByteBuffer(string: "vote for me")).write(into: &buffer)
            case .twoHellos:
                hello(&buffer)
                hello(&buffer)
            case .foreignVersion: PeerFrame.hello(version: 2, instance: 1).write(into: &buffer)
            case .oversizedMessage:
                hello(&buffer)
                PeerFrame.begin(total: 1 << 30, ByteBuffer(string: "x")).write(into: &buffer)
            case .endlessMessage:
                hello(&buffer)
                PeerFrame.begin(total: 4, ByteBuffer(string: "1")).write(into: &buffer)
                PeerFrame.more(ByteBuffer(string: "2345")).write(into: &buffer)
            case .interleavedMessages:
                hello(&buffer)
                for _ in 0..<2 { PeerFrame.begin(total: 4, ByteBuffer(string: "1")).write(into: &buffer) }
            case .emptyParts:
                hello(&buffer)
                PeerFrame.begin(total: 4, ByteBuffer(string: "1")).write(into: &buffer)
                PeerFrame.more(ByteBuffer()).write(into: &buffer)
            }
            return Array(buffer.readableBytesView)
        }

        private func hello(_ buffer: inout ByteBuffer) {
            PeerFrame.hello(version: 1, instance: 1).write(into: &buffer)
        }
    }

    @Test("A peer that breaks the protocol is closed and counted, and the others go on", arguments: Attack.allCases)
    func violation(_ attack: Attack) async throws {
        let (node, good) = (try await TestNode(), try await TestNode())
        good.network.setPeers([node.address])
        let hostile = Identity()
        let connection = try await Dialer(identity: hostile, group: Fixture.group).collect(
            .key(node.key, addresses: node.address.addresses), alpn: .raft)
        connection.channel.writeAndFlush(ByteBuffer(bytes: attack.bytes), promise: nil)
        try await eventually("the end") { connection.value.isClosed }
        try await eventually("the count") { node.network.violations == 1 }
        good.send("unhindered", to: node)
        try await eventually("the message") { node.hasReceived("unhindered", from: good) }
        #expect(!node.received.contains { $0.sender == hostile.publicKey && $0.message.count > 1 })
        await good.stop()
        await node.stop()
    }

    @Test("A peer that goes silent is closed by the idle deadline, with or without a hello", arguments: [true, false])
    func silence(saysHello: Bool) async throws {
        var settings = TestNode.settings
        settings.idleMilliseconds = 100
        let node = try await TestNode(settings: settings)
        let connection = try await Dialer(identity: Identity(), group: Fixture.group).collect(
            .key(node.key, addresses: node.address.addresses), alpn: .raft)
        if saysHello { connection.channel.writeAndFlush(ByteBuffer(bytes: hello), promise: nil) }
        try await eventually("the end") { connection.value.isClosed }
        #expect(node.network.violations == 0)
        try await eventually("no guest is left") { node.network.peerStates().isEmpty }
        await node.stop()
    }

    @Test("A peer that does not read is given up, after it has cost one bounded queue and nobody's time")
    func doesNotRead() async throws {
        var settings = TestNode.settings
        settings.idleMilliseconds = 1500
        settings.queuedBytes = 1 << 20
        let (node, good) = (try await TestNode(settings: settings), try await TestNode())
        good.network.setPeers([node.address])
        try await eventually("the good one") { node.state(of: good)?.isConnected == true }
        let lazy = Identity()
        let connection = try await Dialer(identity: lazy, group: Fixture.group).collect(
            .key(node.key, addresses: node.address.addresses), alpn: .raft)
        connection.channel.writeAndFlush(ByteBuffer(bytes: hello), promise: nil)
        connection.channel.setOption(.autoRead, value: false).cascade(to: nil)
        // It goes on sending, so that only its not reading gives it away.
        let pings = connection.channel.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(20)) {
            _ in
            var buffer = ByteBuffer()
            PeerFrame.ping(1).write(into: &buffer)
            connection.channel.writeAndFlush(buffer, promise: nil)
        }
        try await eventually("the lazy one") { node.network.peerStates().contains { $0.key == lazy.publicKey } }
        let chunk = [UInt8](repeating: 7, count: 200 << 10)
        for _ in 0..<200 { node.network.send(chunk, to: lazy.publicKey, lane: .bulk) }
        let state = try #require(node.network.peerStates().first { $0.key == lazy.publicKey })
        #expect(state.dropped > 0)
        #expect(state.queued <= 6)
        node.send("unhindered", to: good)
        try await eventually("the message") { good.hasReceived("unhindered", from: node) }
        try await eventually("the end") { !node.network.peerStates().contains { $0.key == lazy.publicKey } }
        pings.cancel()
        try await eventually("the good one is there") { node.state(of: good)?.isConnected == true }
        await good.stop()
        await node.stop()
    }

    @Test("More guests than allowed are sent away")
    func guests() async throws {
        let node = try await TestNode()
        var connections: [DialedConnection<Collector>] = []
        for _ in 0...TestNode.settings.guests {
            let connection = try await Dialer(identity: Identity(), group: Fixture.group).collect(
                .key(node.key, addresses: node.address.addresses), alpn: .raft)
            connection.channel.writeAndFlush(ByteBuffer(bytes: hello), promise: nil)
            connections.append(connection)
            let count = min(connections.count, TestNode.settings.guests)
            try await eventually("the guest") { node.network.peerStates().count == count }
        }
        let last = try #require(connections.last)
        try await eventually("the last is closed") { last.value.isClosed }
        await node.stop()
    }

    private var hello: [UInt8] {
        var buffer = ByteBuffer()
        PeerFrame.hello(version: 1, instance: 1).write(into: &buffer)
        return Array(buffer.readableBytesView)
    }
}
