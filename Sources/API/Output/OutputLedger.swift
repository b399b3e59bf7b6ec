import Primitives

/// What a node holds for clients that have not read it yet, as a value.
///
/// Every answer that is being written is a stream. It holds bytes of its own, which were rendered and not taken by its
/// connection, and may have a share: stored objects that an answer still has to render, which all answers of one key to
/// the same question at the same revision hold together.
struct OutputLedger: Sendable {
    struct Bounds: Equatable, Sendable {
        /// Of all streams together.
        var bytes: Int
        /// Of the streams of one key.
        var bytesOfKey: Int
        /// A stream whose reader has taken nothing for so long may be ended to make room for another.
        var patienceMilliseconds: Int64
    }

    /// What several streams hold together.
    struct Share: Hashable, Sendable {
        let peer: PublicKey
        let revision: UInt64
        /// Path and query of the request.
        let question: String
    }

    enum Answer: Equatable {
        /// There is room, once these streams are ended: their readers have taken nothing for a while.
        case granted(ending: [UInt64])
        case refused
    }

    private struct Stream {
        let peer: PublicKey
        var bytes = 0
        /// Of these, what was asked for before it was written.
        var reserved = 0
        var share: Share?
        /// Since when its reader has taken nothing.
        var waitsSince: Instant?
    }

    let bounds: Bounds
    private var streams: [UInt64: Stream] = [:]
    /// What several streams hold together, counted once; gone with its last holder.
    private var shares: [Share: (bytes: Int, holders: Int)] = [:]
    /// By key, of streams and shares; the sum is `total`.
    private var used: [PublicKey: Int] = [:]
    private var nextID: UInt64 = 1
    /// Bytes that are held now.
    private(set) var total = 0
    /// Streams that were ended to make room for others, since the beginning.
    private(set) var ended = 0
    /// Requests that found no room, since the beginning.
    private(set) var refused = 0

    init(bounds: Bounds) {
        precondition(bounds.bytesOfKey > 0 && bounds.bytes >= bounds.bytesOfKey, "output bounds \(bounds)")
        self.bounds = bounds
    }

    func bytes(of peer: PublicKey) -> Int { used[peer] ?? 0 }
    var streamCount: Int { streams.count }

    mutating func open(_ peer: PublicKey) -> UInt64 {
        defer { nextID += 1 }
        streams[nextID] = Stream(peer: peer)
        return nextID
    }

    /// Asks for room. More than one key may hold counts as that much, so that one answer always has room in an idle
    /// node.
    mutating func ask(_ id: UInt64, bytes: Int, share: Share?, now: Instant) -> Answer {
        guard let stream = streams[id] else { return .refused }
        let isHeld = share.map { shares[$0] != nil } ?? false
        let wanted = isHeld ? 0 : min(max(0, bytes), bounds.bytesOfKey)
        guard let victims = victims(for: wanted, of: stream.peer, besides: id, now: now) else {
            refused += 1
            return .refused
        }
        for victim in victims { close(victim) }
        ended += victims.count
        if let share {
            streams[id]?.share = share
            shares[share, default: (wanted, 0)].holders += 1
        } else {
            streams[id]?.bytes += wanted
            streams[id]?.reserved += wanted
        }
        add(wanted, of: stream.peer)
        return .granted(ending: victims)
    }

    /// Gives back what a stream asked for beyond so many bytes: its answer is rendered, and is smaller than it was
    /// taken to be.
    mutating func shrink(_ id: UInt64, to bytes: Int) {
        guard let stream = streams[id], stream.reserved > max(0, bytes) else { return }
        let rest = stream.reserved - max(0, bytes)
        streams[id]?.bytes -= rest
        streams[id]?.reserved -= rest
        add(-rest, of: stream.peer)
    }

    /// Bytes go to the connection of a stream, which has to wait if its reader is slow. They are counted in any case.
    mutating func beginWrite(_ id: UInt64, bytes: Int, now: Instant) {
        guard let stream = streams[id] else { return }
        streams[id]?.bytes += bytes
        streams[id]?.waitsSince = now
        add(bytes, of: stream.peer)
    }

    mutating func endWrite(_ id: UInt64, bytes: Int) {
        guard let stream = streams[id] else { return }
        streams[id]?.bytes -= bytes
        streams[id]?.waitsSince = nil
        add(-bytes, of: stream.peer)
    }

    /// Gives the share of a stream back: everything of it is rendered.
    mutating func dropShare(_ id: UInt64) {
        guard let stream = streams[id], let share = stream.share else { return }
        streams[id]?.share = nil
        guard let held = shares[share] else { return }
        if held.holders == 1 {
            shares[share] = nil
            add(-held.bytes, of: stream.peer)
        } else {
            shares[share]?.holders -= 1
        }
    }

    /// Gives everything back. A stream that was ended is closed already.
    mutating func close(_ id: UInt64) {
        dropShare(id)
        guard let stream = streams.removeValue(forKey: id) else { return }
        add(-stream.bytes, of: stream.peer)
    }

    private mutating func add(_ bytes: Int, of peer: PublicKey) {
        total += bytes
        let left = (used[peer] ?? 0) + bytes
        used[peer] = left == 0 ? nil : left
    }

    /// The streams to end so that there is room, those first whose readers have waited longest: of the same key as long
    /// as that holds too much. Nil if even that makes no room.
    private func victims(for wanted: Int, of peer: PublicKey, besides id: UInt64, now: Instant) -> [UInt64]? {
        var own = bytes(of: peer) + wanted - bounds.bytesOfKey
        var all = total + wanted - bounds.bytes
        guard own > 0 || all > 0 else { return [] }
        var copy = self
        var victims: [UInt64] = []
        let stalled = streams.filter { $0.key != id && isStalled($0.value, now) }
            .sorted { ($0.value.waitsSince ?? now, $0.key) < ($1.value.waitsSince ?? now, $1.key) }
        for (victim, stream) in stalled where own > 0 && stream.peer == peer || own <= 0 && all > 0 {
            copy.close(victim)
            victims.append(victim)
            own = copy.bytes(of: peer) + wanted - bounds.bytesOfKey
            all = copy.total + wanted - bounds.bytes
            if own <= 0, all <= 0 { return victims }
        }
        return nil
    }

    private func isStalled(_ stream: Stream, _ now: Instant) -> Bool {
        stream.waitsSince.map { now - $0 >= bounds.patienceMilliseconds } ?? false
    }
}
