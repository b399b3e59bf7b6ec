import NIOCore
import Primitives
import Synchronization

/// Who is connected, who is still in the handshake, and what was refused.
final class ConnectionLedger: Sendable {
    struct Entry {
        let channel: any Channel
        let peer: PublicKey
        let alpn: ALPN
        let isAdmitted: Bool
    }

    private struct State {
        var nextNumber: UInt64 = 0
        var handshaking: [UInt64: any Channel] = [:]
        var open: [UInt64: Entry] = [:]
        var openPerKey: [PublicKey: Int] = [:]
        var strangers = 0
        var counters = ListenerCounters()
        var logged: [LogKey: NIODeadline] = [:]
    }

    private struct LogKey: Hashable {
        let refusal: Refusal
        let peer: PublicKey?
    }

    private let limits: ListenerLimits
    private let state = Mutex(State())

    init(limits: ListenerLimits) {
        self.limits = limits
    }

    /// Enters a new connection and answers its number, and the oldest one in the handshake if that must go.
    func begin(_ channel: any Channel) -> (number: UInt64, pushedOut: (any Channel)?) {
        state.withLock { state in
            state.nextNumber += 1
            var pushedOut: (any Channel)?
            if state.handshaking.count >= limits.handshakes, let oldest = state.handshaking.keys.min() {
                pushedOut = state.handshaking.removeValue(forKey: oldest)
                state.counters.refused[.handshakePushedOut, default: 0] += 1
            }
            state.handshaking[state.nextNumber] = channel
            return (state.nextNumber, pushedOut)
        }
    }

    /// Whether the connection is in the handshake and was not pushed out.
    func isHandshaking(_ number: UInt64) -> Bool {
        state.withLock { $0.handshaking[number] != nil }
    }

    /// Moves a connection from the handshake to the open ones, or answers which limit forbids it.
    func establish(_ number: UInt64, _ entry: Entry) -> Refusal? {
        state.withLock { state in
            guard state.handshaking[number] != nil else { return .handshakePushedOut }
            if state.open.count >= limits.connections { return .tooManyConnections }
            if state.openPerKey[entry.peer, default: 0] >= limits.connectionsPerKey { return .tooManyOfKey }
            if !entry.isAdmitted, state.strangers >= limits.strangers { return .tooManyStrangers }
            state.handshaking[number] = nil
            state.open[number] = entry
            state.openPerKey[entry.peer, default: 0] += 1
            if !entry.isAdmitted { state.strangers += 1 }
            state.counters.accepted += 1
            return nil
        }
    }

    /// Removes a connection that is closed.
    func end(_ number: UInt64) {
        state.withLock { state in
            state.handshaking[number] = nil
            guard let entry = state.open.removeValue(forKey: number) else { return }
            if !entry.isAdmitted { state.strangers -= 1 }
            let left = state.openPerKey[entry.peer, default: 1] - 1
            state.openPerKey[entry.peer] = left > 0 ? left : nil
        }
    }

    /// Counts a refusal and says whether it should be logged: the same one only once in a while.
    func refuse(_ refusal: Refusal, peer: PublicKey?) -> Bool {
        let now = NIODeadline.now()
        return state.withLock { state in
            state.counters.refused[refusal, default: 0] += 1
            // Strangers can make any number of keys; the memory of what was logged stays small all the same.
            if state.logged.count >= 1024 { state.logged.removeAll() }
            let key = LogKey(refusal: refusal, peer: peer)
            if let last = state.logged[key], now - last < .milliseconds(limits.refusalLogMilliseconds) { return false }
            state.logged[key] = now
            return true
        }
    }

    var counters: ListenerCounters {
        state.withLock { state in
            var counters = state.counters
            counters.handshaking = state.handshaking.count
            counters.open = state.open.count
            return counters
        }
    }

    /// The open connections, oldest first.
    var open: [Entry] {
        state.withLock { state in state.open.sorted { $0.key < $1.key }.map(\.value) }
    }

    var all: [any Channel] {
        state.withLock { state in
            state.handshaking.sorted { $0.key < $1.key }.map(\.value)
                + state.open.sorted { $0.key < $1.key }.map(\.value.channel)
        }
    }
}
