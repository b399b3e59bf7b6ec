import Logging
import Mesh
import NIOCore
import Primitives
import Synchronization
import Testing

/// A node's listener and peer network, and what it was told.
final class TestNode: Sendable {
    struct Received: Equatable, Sendable {
        let sender: PublicKey
        let message: [UInt8]
    }

    let identity: Identity
    let network: PeerNetwork
    let fixture: Fixture
    let inbox: Inbox

    static let settings = PeerNetworkSettings(
        dialMilliseconds: 20_000, backoffBaseMilliseconds: 5, backoffCapMilliseconds: 40, pingMilliseconds: 20,
        idleMilliseconds: 60_000, messageMilliseconds: 60_000, queuedMessages: 64, queuedBytes: 64 << 20,
        messageBytes: 16 << 20, guests: 4)

    init(
        identity: Identity = Identity(), settings: PeerNetworkSettings = TestNode.settings,
        host: String = "127.0.0.1", port: Int = 0, admitted: Set<PublicKey>? = nil,
        limits: ListenerLimits = Fixture.limits
    ) async throws {
        self.identity = identity
        let inbox = Inbox()
        self.inbox = inbox
        let network = PeerNetwork(
            dialer: Dialer(identity: identity, group: Fixture.group), settings: settings,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        ) { sender, message in
            inbox.received.withLock { $0.append(Received(sender: sender, message: message)) }
        } dropped: { peer in
            inbox.dropped.withLock { $0[peer, default: 0] += 1 }
        }
        self.network = network
        fixture = try await Fixture(
            identity: identity, admitted: admitted, limits: limits, host: host, port: port
        ) { router in
            router.route(.raft, to: network)
        }
    }

    var key: PublicKey { identity.publicKey }
    var address: PeerAddress { PeerAddress(key: key, addresses: [fixture.address]) }
    var received: [Received] { inbox.received.withLock { $0 } }

    func state(of other: TestNode) -> PeerState? { network.peerStates().first { $0.key == other.key } }

    func send(_ text: String, to other: TestNode, lane: Lane = .urgent) {
        network.send(Array(text.utf8), to: other.key, lane: lane)
    }

    func hasReceived(_ text: String, from other: TestNode) -> Bool {
        received.contains(Received(sender: other.key, message: Array(text.utf8)))
    }

    func stop() async {
        await network.shutdown()
        await fixture.stop()
    }

    final class Inbox: Sendable {
        let received = Mutex<[Received]>([])
        let dropped = Mutex<[PublicKey: Int]>([:])
    }
}

@Suite struct PeerNetworkTests {
    @Test("Two nodes end with one connection that carries messages both ways, under the senders' proved keys")
    func bothWays() async throws {
        let (left, right) = (try await TestNode(), try await TestNode())
        left.network.setPeers([right.address, left.address])
        right.network.setPeers([left.address, right.address])
        left.send("from left", to: right)
        right.send("from right", to: left)
        try await eventually("both messages") {
            right.hasReceived("from left", from: left) && left.hasReceived("from right", from: right)
        }
        try await expectOneConnection(left, right)
        try await eventually("a round trip time") { left.state(of: right)?.roundTripMilliseconds != nil }
        let state = try #require(left.state(of: right))
        #expect(state.isConfigured)
        #expect(state.silenceMilliseconds != nil)
        #expect(state.address?.hasPrefix("127.0.0.1:") == true)
        #expect(left.network.peerStates().count == 1)
        await left.stop()
        await right.stop()
    }

    @Test("Both dialing at once, again and again, always ends in one connection", arguments: 0..<8)
    func simultaneousDial(_ round: Int) async throws {
        let (left, right) = (try await TestNode(), try await TestNode())
        await withDiscardingTaskGroup { group in
            group.addTask { left.network.setPeers([right.address]) }
            group.addTask { right.network.setPeers([left.address]) }
        }
        try await expectOneConnection(left, right)
        left.send("over the one that stayed", to: right)
        right.send("and back", to: left)
        try await eventually("both messages") {
            right.hasReceived("over the one that stayed", from: left) && left.hasReceived("and back", from: right)
        }
        await left.stop()
        await right.stop()
    }

    @Test("A node that knows no address is reached, and answers over the connection that it was dialed by")
    func oneSideDials() async throws {
        let (left, right) = (try await TestNode(), try await TestNode())
        right.network.setPeers([PeerAddress(key: left.key, addresses: [])])
        left.network.setPeers([right.address])
        try await eventually("the connection") { right.state(of: left)?.isConnected == true }
        #expect(right.state(of: left)?.isDialedByUs == false)
        right.send("answer", to: left)
        try await eventually("the answer") { left.hasReceived("answer", from: right) }
        await left.stop()
        await right.stop()
    }

    @Test("An admitted node that is no peer yet is a guest, and is forgotten when it leaves")
    func guest() async throws {
        let (left, right) = (try await TestNode(), try await TestNode())
        left.network.setPeers([right.address])
        left.send("hello", to: right)
        try await eventually("the message") { right.hasReceived("hello", from: left) }
        #expect(right.state(of: left)?.isConfigured == false)
        await left.stop()
        try await eventually("the guest is gone") { right.network.peerStates().isEmpty }
        await right.stop()
    }

    @Test("A large message arrives whole, and what is urgent passes it on the way")
    func largeMessage() async throws {
        let (left, right) = (try await TestNode(), try await TestNode())
        left.network.setPeers([right.address])
        try await eventually("the connection") { left.state(of: right)?.isConnected == true }
        let large = (0..<16 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        for _ in 0..<3 { left.network.send(large, to: right.key, lane: .bulk) }
        left.send("heartbeat", to: right)
        try await eventually("everything") { right.received.count == 4 }
        #expect(right.received.filter { $0.message == large }.count == 3)
        #expect(right.received.last?.message == large)
        #expect(left.state(of: right)?.dropped == 0)
        await left.stop()
        await right.stop()
    }

    @Test("A message larger than allowed is not sent, and is counted")
    func tooLarge() async throws {
        let (left, right) = (try await TestNode(), try await TestNode())
        left.network.setPeers([right.address])
        left.network.send([UInt8](repeating: 0, count: TestNode.settings.messageBytes + 1), to: right.key, lane: .bulk)
        #expect(left.state(of: right)?.dropped == 1)
        #expect(left.state(of: right)?.queued == 0)
        await left.stop()
        await right.stop()
    }

    @Test("After a peer restarts under the same key and port, messages flow again")
    func restart() async throws {
        let left = try await TestNode()
        // A host of its own: the port stays free, whatever ports other tests are given meanwhile.
        let first = try await TestNode(host: "127.0.0.2")
        left.network.setPeers([first.address])
        left.send("to the first life", to: first)
        try await eventually("the first") { first.hasReceived("to the first life", from: left) }
        await first.stop()
        try await eventually("the loss") { left.state(of: first)?.isConnected == false }
        let second = try await TestNode(identity: first.identity, host: "127.0.0.2", port: first.fixture.port)
        left.send("to the second life", to: second)
        try await eventually("the second") { second.hasReceived("to the second life", from: left) }
        #expect(left.state(of: second)?.connections ?? 0 >= 2)
        await left.stop()
        await second.stop()
    }

    @Test("A peer that is not there costs only its own bounded queue")
    func deadPeer() async throws {
        let (left, right) = (try await TestNode(), try await TestNode())
        let dead = Identity().publicKey
        left.network.setPeers([right.address, PeerAddress(key: dead, addresses: ["127.0.0.1:1"])])
        for number in 0..<200 {
            left.network.send([UInt8(number)], to: dead, lane: .urgent)
            left.network.send([UInt8(number)], to: dead, lane: .bulk)
        }
        let state = try #require(left.network.peerStates().first { $0.key == dead })
        #expect(state.queued == 2 * TestNode.settings.queuedMessages)
        #expect(state.dropped == 400 - 2 * 64)
        #expect(left.inbox.dropped.withLock { $0 } == [dead: 1])
        #expect(!state.isConnected)
        left.send("unhindered", to: right)
        try await eventually("the message") { right.hasReceived("unhindered", from: left) }
        try await eventually("the reason") {
            left.network.peerStates().first { $0.key == dead }?.lastFailure?.dialReason
                == .unreachable("connection refused")
        }
        await left.stop()
        await right.stop()
    }

    @Test("A peer that is taken away loses its connection, and is not dialed again")
    func removal() async throws {
        let (left, right) = (try await TestNode(), try await TestNode())
        left.network.setPeers([right.address])
        try await eventually("the connection") { right.state(of: left)?.isConnected == true }
        left.network.setPeers([])
        try await eventually("the end") { right.network.peerStates().isEmpty }
        #expect(left.network.peerStates().isEmpty)
        left.send("into the void", to: right)
        await left.stop()
        await right.stop()
    }

    @Test("A node that the other side does not admit is told why")
    func notAdmitted() async throws {
        let left = try await TestNode()
        let right = try await TestNode(admitted: [])
        left.network.setPeers([right.address])
        let reason = DialFailure.Reason.notAdmitted(reason: "no manifest names the key \(left.key.short)")
        try await eventually("the reason") { left.state(of: right)?.lastFailure?.dialReason == reason }
        right.fixture.admitted.withLock { $0 = nil }
        try await eventually("the connection, once admitted") { left.state(of: right)?.isConnected == true }
        await left.stop()
        await right.stop()
    }

    /// Waits until exactly one connection is left between the two, and both agree on who dialed it.
    private func expectOneConnection(_ left: TestNode, _ right: TestNode) async throws {
        try await eventually("one connection") {
            let (mine, theirs) = (left.state(of: right), right.state(of: left))
            let open = left.fixture.server.counters.open + right.fixture.server.counters.open
            return open == 1 && mine?.isConnected == true && theirs?.isConnected == true
                && mine?.isDialedByUs != theirs?.isDialedByUs && mine?.roundTripMilliseconds != nil
                && theirs?.roundTripMilliseconds != nil
        }
    }
}
