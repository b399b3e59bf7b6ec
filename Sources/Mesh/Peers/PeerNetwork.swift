public import Logging
public import NIOCore
public import Primitives
import Synchronization

/// Raft's way to the other nodes: one long-lived connection for each pair, used in both directions.
///
/// A message is opaque bytes and may get lost, as Raft allows: each peer has its own bounded queue, its own deadlines
/// and its own connection, so that a slow or dead one costs the others nothing. Both sides dial until they are
/// connected; if both do so at once, the connection dialed by the lower key stays. Route ``ALPN/raft`` of the node's
/// ``MeshServer`` to this.
public final class PeerNetwork: ProtocolHandler {
    let identity: Identity
    let settings: PeerNetworkSettings
    let logger: Logger
    let dialer: Dialer
    let group: any EventLoopGroup
    /// Tells the others that this is another life of the same node.
    let instance: UInt64
    let deliver: @Sendable (PublicKey, [UInt8]) -> Void
    let dropped: @Sendable (PublicKey) -> Void

    private struct State {
        var peers: [PublicKey: Peer] = [:]
        var isShutDown = false
        /// Since the beginning; a line is logged for at most one in a second.
        var violations: UInt64 = 0
        var lastViolationLog: NIODeadline?
    }

    private let state = Mutex(State())

    /// - Parameters:
    ///   - dialer: Its loops are Raft's own, so that bulk traffic never delays it.
    ///   - deliver: Takes a message and the key that its connection has proved. It is called on an event loop, one
    ///     message of a peer after the other, and must not block.
    ///   - dropped: Learns that messages to a peer were thrown away: once for each burst, which ends when one leaves
    ///   again. It is called on any thread, and must not block.
    public init(
        dialer: Dialer, settings: PeerNetworkSettings, logger: Logger,
        deliver: @escaping @Sendable (PublicKey, [UInt8]) -> Void, dropped: @escaping @Sendable (PublicKey) -> Void
    ) {
        precondition(settings.messageBytes > 0 && settings.messageBytes <= Int(UInt32.max), "\(settings)")
        self.dialer = dialer
        identity = dialer.identity
        group = dialer.group
        self.settings = settings
        self.logger = logger
        self.deliver = deliver
        self.dropped = dropped
        instance = UInt64.random(in: .min ... .max)
    }

    /// Makes these the peers: dials new ones, closes the connections of those that are gone. Our own key is left out.
    public func setPeers(_ addresses: [PeerAddress]) {
        let wanted = Dictionary(
            addresses.filter { $0.key != identity.publicKey }.map { ($0.key, $0.addresses) },
            uniquingKeysWith: { first, second in first + second })
        let (kept, gone) = state.withLock { state -> ([Peer], [Peer]) in
            guard !state.isShutDown else { return ([], []) }
            let gone = state.peers.values.filter { wanted[$0.key] == nil && $0.isConfigured }
            for peer in gone { state.peers[peer.key] = nil }
            let kept = wanted.map { key, addresses in
                let peer = state.peers[key] ?? Peer(key: key, network: self)
                state.peers[key] = peer
                // Under this lock, so that a guest that becomes a peer is not forgotten in between.
                peer.configure(addresses: addresses)
                return peer
            }
            return (kept, gone)
        }
        for peer in gone { peer.stop() }
        for peer in kept { peer.dial() }
    }

    /// Queues a message for a peer. It is thrown away, and counted, if its queue is full or it can't leave in time; and
    /// thrown away if the peer is unknown.
    public func send(_ message: [UInt8], to key: PublicKey, lane: Lane) {
        state.withLock { $0.peers[key] }?.send(message, lane: lane)
    }

    /// What is known about each peer, in the order of their keys.
    public func peerStates() -> [PeerState] {
        state.withLock { Array($0.peers.values) }.map(\.state).sorted { $0.key < $1.key }
    }

    /// Connections closed because the other side broke the protocol.
    public var violations: UInt64 { state.withLock { $0.violations } }

    /// Closes everything, for good. Without it a network is never released.
    public func shutdown() async {
        let peers = state.withLock { state in
            defer { state.peers = [:] }
            state.isShutDown = true
            return Array(state.peers.values)
        }
        await withDiscardingTaskGroup { group in
            for peer in peers { group.addTask { await peer.stopAndWait() } }
        }
    }

    public func accept(_ connection: AcceptedConnection) -> EventLoopFuture<ConnectionTask?> {
        connection.channel.eventLoop.makeCompletedFuture {
            let link = PeerLink(network: self, peerKey: connection.peer, dialer: nil)
            try Self.install(link, in: connection.channel)
            return nil
        }
    }

    static func install(_ link: PeerLink, in channel: any Channel) throws {
        try channel.syncOptions?.setOption(.tcpOption(.unsentLowWater), value: 128 << 10)
        try channel.pipeline.syncOperations.addHandler(link)
    }

    /// The peer of an inbound connection; nil if there is no room for one more guest.
    func peer(welcoming key: PublicKey) -> Peer? {
        state.withLock { state in
            guard !state.isShutDown, key != identity.publicKey else { return nil }
            if let peer = state.peers[key] { return peer }
            guard state.peers.values.count(where: { !$0.isConfigured }) < settings.guests else { return nil }
            let guest = Peer(key: key, network: self)
            state.peers[key] = guest
            return guest
        }
    }

    /// Forgets a guest whose connection has ended.
    func forget(_ guest: Peer) {
        state.withLock { state in
            if state.peers[guest.key] === guest, guest.stopIfIdleGuest() { state.peers[guest.key] = nil }
        }
    }

    func noteViolation(by key: PublicKey, problem: String) {
        let now = NIODeadline.now()
        let isLogged = state.withLock { state in
            state.violations += 1
            if let last = state.lastViolationLog, now - last < .seconds(1) { return false }
            state.lastViolationLog = now
            return true
        }
        guard isLogged else { return }
        logger.notice(
            "closed a peer's connection that broke the protocol",
            metadata: ["peer": "\(key)", "problem": "\(problem)"])
    }
}
