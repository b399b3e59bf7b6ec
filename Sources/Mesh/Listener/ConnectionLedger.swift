import Host
import NIOCore
import Primitives
import Synchronization

/// The connections of a listener, those still in the handshake, and what was refused.
///
/// It is made before its ``MeshServer``, so that what the server's protocols answer can tell of it.
public final class ConnectionLedger: Sendable {
    struct Entry {
        let channel: any Channel
        let peer: PublicKey
        let alpn: ALPN
        let admission: Admission
        let address: AddressGroup
        /// Requests under way. A protocol without requests is always at work.
        var atWork: Int
        /// Whether it has shown a valid ticket.
        var hasTicket = false

        init(channel: any Channel, peer: PublicKey, alpn: ALPN, admission: Admission, address: AddressGroup) {
            self.channel = channel
            self.peer = peer
            self.alpn = alpn
            self.admission = admission
            self.address = address
            atWork = alpn == .http ? 0 : 1
        }

        var isIdle: Bool { atWork == 0 }
        /// Whether it counts among the strangers.
        var isStranger: Bool { !admission.isAdmitted && !hasTicket }
    }

    /// What becomes of a connection whose handshake is complete.
    enum Verdict {
        /// It has a place, which the other one has to leave.
        case open(givesWay: (any Channel)?)
        case refused(Refusal)
    }

    struct State {
        var nextNumber: UInt64 = 0
        var places: SharedPlaces
        /// By number, those in the handshake and those after it: a connection is in one of both at most.
        var handshaking: [UInt64: any Channel] = [:]
        var open: [UInt64: Entry] = [:]
        /// Of each key, the oldest first.
        var byKey: [PublicKey: [UInt64]] = [:]
        /// Among the open ones, connections of administrators, of users, and of strangers with a ticket.
        var administrators = 0
        var users = 0
        var joining = 0
        /// The oldest first.
        var strangers: [UInt64] = []
        var counters = ListenerCounters()
        /// Called once no connection is open. One for each call of ``MeshServer/shutdown(graceMilliseconds:)``.
        var emptied: [OnceContinuation<Void?>] = []

        /// Takes out what is to be called now.
        mutating func takeEmptied() -> [OnceContinuation<Void?>] {
            guard open.isEmpty else { return [] }
            defer { emptied = [] }
            return emptied
        }
    }

    let limits: ListenerLimits
    let state: Mutex<State>

    /// - Parameter limits: The listener's.
    public init(limits: ListenerLimits) {
        self.limits = limits
        state = Mutex(
            State(places: SharedPlaces(all: limits.handshakes, perAddress: limits.handshakesPerAddress)))
    }

    /// Enters a new connection and answers its number, and the one in the handshake that has to go for it.
    func begin(_ channel: any Channel, address: AddressGroup) -> (number: UInt64, pushedOut: (any Channel)?) {
        state.withLock { state in
            state.nextNumber += 1
            let number = state.nextNumber
            let pushedOut = state.places.enter(number, address).flatMap { state.handshaking.removeValue(forKey: $0) }
            state.handshaking[number] = channel
            return (number, pushedOut)
        }
    }

    /// Whether the connection is in the handshake and was not pushed out.
    func isHandshaking(_ number: UInt64) -> Bool {
        state.withLock { $0.handshaking[number] != nil }
    }

    /// Moves a connection from the handshake to the open ones, or answers which limit forbids it.
    func establish(_ number: UInt64, _ entry: Entry) -> Verdict {
        state.withLock { state in
            guard state.handshaking[number] != nil else { return .refused(.handshakePushedOut) }
            let place = state.place(for: entry, limits)
            if case .refused(let refusal) = place { return .refused(refusal) }
            var givesWay: (any Channel)?
            if case .taken(let other) = place {
                givesWay = state.open[other]?.channel
                state.remove(other)
            }
            state.handshaking[number] = nil
            state.places.leave(number)
            state.add(number, entry)
            state.counters.accepted += 1
            return .open(givesWay: givesWay)
        }
    }

    /// Removes a connection that is closed.
    func end(_ number: UInt64) {
        let emptied = state.withLock { state in
            state.handshaking[number] = nil
            state.places.leave(number)
            state.remove(number)
            return state.takeEmptied()
        }
        for once in emptied { once.resume(returning: ()) }
    }

    /// Resumes this once no connection is open, the handshakes not counted.
    func tellWhenNoneIsOpen(_ once: OnceContinuation<Void?>) {
        let emptied = state.withLock { state in
            state.emptied.append(once)
            return state.takeEmptied()
        }
        for once in emptied { once.resume(returning: ()) }
    }

    /// Whether the connection is open, its key is not admitted, and it has shown no valid ticket.
    func isStranger(_ number: UInt64) -> Bool {
        state.withLock { $0.open[number]?.isStranger == true }
    }

    /// Counts a refusal.
    func refuse(_ refusal: Refusal) {
        state.withLock { $0.counters.refused[refusal, default: 0] += 1 }
    }

    /// What the listener has counted so far.
    public var counters: ListenerCounters {
        state.withLock { state in
            var counters = state.counters
            counters.handshaking = state.handshaking.count
            counters.open = state.open.count
            counters.strangers = state.strangers.count
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
