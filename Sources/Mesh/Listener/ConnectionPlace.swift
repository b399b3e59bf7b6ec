import Synchronization

/// A connection's place among those that its listener allows, for the protocol's handler to say what it is worth.
///
/// A connection of a protocol with requests that has none under way is idle, and may be closed in favour of another.
public final class ConnectionPlace: Sendable {
    private let ledger: ConnectionLedger
    private let number: UInt64

    init(ledger: ConnectionLedger, number: UInt64) {
        self.ledger = ledger
        self.number = number
    }

    /// A request has begun; ``endRequest()`` follows.
    public func beginRequest() {
        ledger.state.withLock { $0.open[number]?.atWork += 1 }
    }

    public func endRequest() {
        ledger.state.withLock { $0.open[number]?.atWork -= 1 }
    }

    /// The other side, whose key is not admitted, has shown a valid ticket: it gets one of the places that are kept for
    /// those, and more time. Where none is left it stays among the strangers.
    public func noteTicket() {
        _ = ledger.state.withLock { $0.keep(number, ledger.limits) }
    }
}
