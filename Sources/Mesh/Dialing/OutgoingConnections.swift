import Synchronization

/// How many connections a node may have open to others, counted over all of its dialers.
///
/// A quarter is kept for Raft: calls, streams and whatever else a node asks of others never take the place of a vote.
public final class OutgoingConnections: Sendable {
    /// Why a connection was not opened.
    struct Exhausted: Error, Equatable, CustomStringConvertible {
        let most: Int

        var description: String { "this node has \(most) connections to others open, as many as it allows" }
    }

    private let most: Int
    private let open = Atomic(0)

    /// - Parameter most: At least 4.
    public init(most: Int) {
        precondition(most >= 4, "\(most) outgoing connections")
        self.most = most
    }

    /// How many are open now.
    public var count: Int { open.load(ordering: .relaxed) }

    /// Takes a place, which ``giveBack()`` frees.
    func take(_ alpn: ALPN) throws(Exhausted) {
        let allowed = alpn == .raft ? most : most - most / 4
        let before = open.wrappingAdd(1, ordering: .relaxed).oldValue
        guard before < allowed else {
            giveBack()
            throw Exhausted(most: allowed)
        }
    }

    func giveBack() {
        open.wrappingSubtract(1, ordering: .relaxed)
    }
}
