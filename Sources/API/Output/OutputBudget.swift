import NIOCore
import Primitives
import Synchronization

/// The one place where a node counts what it holds for its clients, and ends readers that take nothing.
final class OutputBudget: Sendable {
    private struct State {
        var ledger: OutputLedger
        /// Of the ledger's open streams; one that is ended is removed.
        var channels: [UInt64: any Channel] = [:]
    }

    private let state: Mutex<State>

    init(bounds: OutputLedger.Bounds) {
        state = Mutex(State(ledger: OutputLedger(bounds: bounds)))
    }

    /// What is held now, and how often a reader was ended or a request refused.
    var use: (bytes: Int, streams: Int, ended: Int, refused: Int) {
        state.withLock { ($0.ledger.total, $0.ledger.streamCount, $0.ledger.ended, $0.ledger.refused) }
    }

    func open(_ peer: PublicKey, _ channel: any Channel) -> UInt64 {
        state.withLock { state in
            let id = state.ledger.open(peer)
            state.channels[id] = channel
            return id
        }
    }

    /// Whether there is room; the readers that have to make it lose their connections.
    func ask(_ id: UInt64, bytes: Int, share: OutputLedger.Share?) -> Bool {
        let now = Self.now()
        let (isGranted, channels) = state.withLock { state -> (Bool, [any Channel]) in
            guard case .granted(let ending) = state.ledger.ask(id, bytes: bytes, share: share, now: now) else {
                return (false, [])
            }
            return (true, ending.compactMap { state.channels.removeValue(forKey: $0) })
        }
        for channel in channels { channel.close(promise: nil) }
        return isGranted
    }

    func beginWrite(_ id: UInt64, bytes: Int) {
        let now = Self.now()
        state.withLock { $0.ledger.beginWrite(id, bytes: bytes, now: now) }
    }

    func endWrite(_ id: UInt64, bytes: Int) { state.withLock { $0.ledger.endWrite(id, bytes: bytes) } }
    func shrink(_ id: UInt64, to bytes: Int) { state.withLock { $0.ledger.shrink(id, to: bytes) } }
    func dropShare(_ id: UInt64) { state.withLock { $0.ledger.dropShare(id) } }

    func close(_ id: UInt64) {
        state.withLock { state in
            state.ledger.close(id)
            state.channels[id] = nil
        }
    }

    private static func now() -> Instant {
        Instant(milliseconds: Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000))
    }
}
