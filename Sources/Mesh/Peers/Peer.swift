import Logging
import NIOCore
import Primitives
import Synchronization

/// One other node: its queue, its present connection, and the wish for one.
final class Peer: Sendable {
    /// A connection on which both sides have said hello.
    struct Link {
        let channel: any Channel
        let facts: LinkChoice.Facts
        let number: UInt64
    }

    private struct State {
        var addresses: [String] = []
        /// Whether it is one of the peers that were set. Another one is a guest: it is not dialed.
        var isConfigured = false
        var isStopped = false
        var queue: OutboundQueue
        /// The connection in use; at most one. Its number is above those of all before.
        var link: Link?
        var nextNumber: UInt64 = 0
        /// From the decision to dial until the dialed connection has said hello, or failed.
        var isDialing = false
        /// Set while the next dial waits for its time.
        var redial: Scheduled<Void>?
        var backoff: Backoff
        /// Whether the link is at work on the queue, or waits until it can write again.
        var isPumping = false
        var lastHeard: NIODeadline?
        var roundTripNanoseconds: Int64?
        var remoteAddress: String?
        /// Since the beginning.
        var connections: UInt64 = 0
        var lastFailure: MeshError?
    }

    let key: PublicKey
    /// Held until the network is shut down.
    private let network: PeerNetwork
    private let mutex: Mutex<State>

    init(key: PublicKey, network: PeerNetwork) {
        self.key = key
        self.network = network
        let settings = network.settings
        mutex = Mutex(
            State(
                queue: OutboundQueue(
                    messageLimit: settings.queuedMessages, byteLimit: settings.queuedBytes,
                    lifeMilliseconds: settings.messageMilliseconds, pieceBytes: PeerFrame.pieceBytes),
                backoff: Backoff(
                    baseMilliseconds: settings.backoffBaseMilliseconds,
                    capMilliseconds: settings.backoffCapMilliseconds)))
    }

    var isConfigured: Bool { mutex.withLock { $0.isConfigured } }

    /// Makes this one of the peers that were set; ``dial()`` follows.
    func configure(addresses: [String]) {
        mutex.withLock { state in
            if state.addresses != addresses { state.backoff.reset() }
            state.addresses = addresses
            state.isConfigured = true
        }
    }

    // MARK: Sending

    func send(_ message: [UInt8], lane: Lane) {
        let (channel, hasDropped) = mutex.withLock { state -> ((any Channel)?, Bool) in
            guard message.count <= network.settings.messageBytes else {
                state.queue.countDropped()
                return (nil, state.queue.takeDropReport())
            }
            state.queue.append(message, lane: lane, now: Self.now)
            let hasDropped = state.queue.takeDropReport()
            guard let link = state.link, !state.isPumping else { return (nil, hasDropped) }
            state.isPumping = true
            return (link.channel, hasDropped)
        }
        channel?.triggerUserOutboundEvent(PeerLink.Wake(), promise: nil)
        if hasDropped { network.dropped(key) }
    }

    /// The next piece for the link of this number; nil if there is none, or if another link has taken over.
    func nextPiece(for number: UInt64) -> OutboundQueue.Piece? {
        mutex.withLock { state in
            guard state.link?.number == number else { return nil }
            let piece = state.queue.next(now: Self.now)
            state.isPumping = piece != nil
            return piece
        }
    }

    /// Milliseconds of a clock that only moves forward.
    static var now: Int64 { Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000) }

    // MARK: Links

    /// Offers a connection that has said hello. Answers its number if it stays; the other one retires then.
    func adopt(_ channel: any Channel, facts: LinkChoice.Facts, remoteAddress: String?) -> UInt64? {
        let (number, old) = mutex.withLock { state -> (UInt64?, Link?) in
            if facts.isDialedByUs { state.isDialing = false }
            guard !state.isStopped else { return (nil, nil) }
            let old = state.link
            if let old,
                !LinkChoice.takesNew(
                    facts, over: old.facts, ownKey: network.identity.publicKey, peerKey: key)
            {
                return (nil, nil)
            }
            state.nextNumber += 1
            state.link = Link(channel: channel, facts: facts, number: state.nextNumber)
            state.queue.restartBulk()
            // The caller that adopts a link lets it work on the queue at once.
            state.isPumping = true
            state.redial?.cancel()
            state.redial = nil
            state.roundTripNanoseconds = nil
            state.remoteAddress = remoteAddress
            state.connections += 1
            state.lastFailure = nil
            return (state.nextNumber, old)
        }
        old?.channel.triggerUserOutboundEvent(PeerLink.Retire(), promise: nil)
        return number
    }

    /// A connection has ended; `number` is nil if it was never adopted.
    func ended(number: UInt64?, isDialedByUs: Bool) {
        let isCurrent = mutex.withLock { state in
            if number == nil, isDialedByUs { state.isDialing = false }
            guard let number, state.link?.number == number else { return false }
            state.link = nil
            state.isPumping = false
            state.queue.restartBulk()
            return true
        }
        if isCurrent {
            network.logger.info("lost a peer's connection", metadata: ["peer": "\(key.short)"])
            network.forget(self)
        }
        if isCurrent || isDialedByUs { dialLater() }
    }

    func heard() {
        mutex.withLock { $0.lastHeard = .now() }
    }

    func measured(roundTripNanoseconds: Int64, number: UInt64) {
        mutex.withLock { state in
            guard state.link?.number == number else { return }
            state.roundTripNanoseconds = roundTripNanoseconds
            // Only a connection that works ends the waiting; one that is closed right after its hello does not.
            state.backoff.reset()
        }
    }

    func dropExpired() {
        let hasDropped = mutex.withLock { state in
            state.queue.dropExpired(now: Self.now)
            return state.queue.takeDropReport()
        }
        if hasDropped { network.dropped(key) }
    }

    // MARK: Dialing

    /// Dials, if a connection is wanted and there is neither one nor a dial for one.
    func dial() {
        let addresses = mutex.withLock { state -> [String]? in
            state.redial?.cancel()
            state.redial = nil
            guard state.isConfigured, !state.isStopped, !state.isDialing, state.link == nil, !state.addresses.isEmpty
            else { return nil }
            state.isDialing = true
            return state.addresses
        }
        guard let addresses else { return }
        let (network, key) = (network, key)
        network.dialer.dial(
            .key(key, addresses: addresses), alpn: .raft, timeoutMilliseconds: network.settings.dialMilliseconds,
            on: network.group.next(), cancelledBy: nil
        ) { channel in
            channel.eventLoop.makeCompletedFuture {
                try PeerNetwork.install(PeerLink(network: network, peerKey: key, dialer: self), in: channel)
            }
        }.whenFailure { error in
            self.mutex.withLock { state in
                state.isDialing = false
                state.lastFailure = error as? MeshError
            }
            self.dropExpired()
            network.logger.debug("can't dial a peer", metadata: ["peer": "\(key.short)", "error": "\(error)"])
            self.dialLater()
        }
    }

    private func dialLater() {
        mutex.withLock { state in
            guard state.isConfigured, !state.isStopped, state.link == nil, !state.isDialing, state.redial == nil else {
                return
            }
            var generator = SystemRandomNumberGenerator()
            let wait = state.backoff.next(using: &generator)
            state.redial = network.group.next().scheduleTask(in: .milliseconds(wait)) { self.dial() }
        }
    }

    // MARK: The end

    func stop() {
        detach()?.close(promise: nil)
    }

    /// Stops for good if this is a guest without a connection, and says whether it did. Under one lock, so that a
    /// connection that comes at the same moment finds either a peer that is still known or one that sends it away.
    func stopIfIdleGuest() -> Bool {
        mutex.withLock { state in
            guard !state.isConfigured, state.link == nil else { return false }
            state.isStopped = true
            return true
        }
    }

    func stopAndWait() async {
        // A channel that is closed already is what is wanted.
        try? await detach()?.close().get()
    }

    private func detach() -> (any Channel)? {
        mutex.withLock { state in
            state.isStopped = true
            state.isConfigured = false
            state.redial?.cancel()
            state.redial = nil
            defer { state.link = nil }
            return state.link?.channel
        }
    }

    var state: PeerState {
        let now = NIODeadline.now()
        return mutex.withLock { state in
            PeerState(
                key: key, isConfigured: state.isConfigured, isConnected: state.link != nil,
                address: state.remoteAddress, isDialedByUs: state.link?.facts.isDialedByUs,
                roundTripMilliseconds: state.roundTripNanoseconds.map { Double($0) / 1_000_000 },
                silenceMilliseconds: state.lastHeard.map { (now - $0).nanoseconds / 1_000_000 },
                queued: state.queue.count, dropped: state.queue.dropped, connections: state.connections,
                lastFailure: state.lastFailure)
        }
    }
}
