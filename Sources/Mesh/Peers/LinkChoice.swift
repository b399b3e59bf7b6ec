import Primitives

/// Which of two connections with the same peer stays.
///
/// Both ends decide alone and come to the same answer: two connections that the two ends have
/// dialed at once differ in their dialer, and the one dialed by the lower key stays.
enum LinkChoice {
    struct Facts: Equatable {
        var isDialedByUs: Bool
        /// The other side's number, new each time it starts.
        var instance: UInt64
    }

    /// Whether the new connection takes the place of the existing one.
    static func takesNew(_ new: Facts, over existing: Facts, ownKey: PublicKey, peerKey: PublicKey) -> Bool {
        // The other side has started anew: what it knew of the old connection is gone.
        if new.instance != existing.instance { return true }
        // The end that dials again has lost the connection before.
        if new.isDialedByUs == existing.isDialedByUs { return true }
        return new.isDialedByUs == (ownKey < peerKey)
    }
}
