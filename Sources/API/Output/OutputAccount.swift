import NIOCore
import Primitives
import Synchronization

/// What one request's answer holds of the node's budget.
///
/// Whoever answers the request closes it, however the answer ends.
final class OutputAccount: Sendable {
    private let budget: OutputBudget
    private let peer: PublicKey
    private let channel: any Channel
    /// Small answers never have one.
    private let id = Mutex<UInt64?>(nil)

    init(budget: OutputBudget, peer: PublicKey, channel: any Channel) {
        self.budget = budget
        self.peer = peer
        self.channel = channel
    }

    /// Asks for room for bytes that exist already and are to be written.
    ///
    /// - Throws: 429, when other answers that are being read leave no room.
    func hold(_ bytes: Int) throws(APIStatus) { try ask(bytes, share: nil) }

    /// Asks for room for objects that are still to be rendered.
    func hold(_ bytes: Int, ofQuestion question: String, at revision: UInt64) throws(APIStatus) {
        try ask(bytes, share: OutputLedger.Share(peer: peer, revision: revision, question: question))
    }

    /// All objects are rendered.
    func dropShare() {
        if let id = id.withLock({ $0 }) { budget.dropShare(id) }
    }

    /// Counts bytes while `write` hands them to the connection, which takes as long as the reader needs.
    func counting(_ bytes: Int, _ write: () async throws -> Void) async throws {
        let id = opened()
        budget.beginWrite(id, bytes: bytes)
        defer { budget.endWrite(id, bytes: bytes) }
        try await write()
        // Behind the flush of what was written, so that the connection knows whether it takes more.
        try await channel.eventLoop.submit {}.get()
    }

    func close() {
        let id = id.withLock { id in
            defer { id = nil }
            return id
        }
        if let id { budget.close(id) }
    }

    private func ask(_ bytes: Int, share: OutputLedger.Share?) throws(APIStatus) {
        guard budget.ask(opened(), bytes: bytes, share: share) else {
            throw APIStatus(
                .tooManyRequests,
                "this node holds as much for clients that are still reading as it may: read the answers that were "
                    + "asked for, or ask again later", retryAfterSeconds: 1)
        }
    }

    private func opened() -> UInt64 {
        id.withLock { id in
            if let id { return id }
            let new = budget.open(peer, channel)
            id = new
            return new
        }
    }
}
