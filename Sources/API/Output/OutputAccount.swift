import Contract
import NIOCore
import Primitives
import Synchronization

/// What one request's answer holds of the node's budget.
///
/// The handler of the request closes it, however the answer ends.
final class OutputAccount: Sendable {
    private let budget: OutputBudget
    private let peer: PublicKey
    private let channel: any Channel
    private let state = Mutex(State())

    private struct State {
        /// Small answers never have one.
        var id: UInt64?
        /// What was asked for before the answer was rendered.
        var reserved = 0
        var isClosed = false
    }

    init(budget: OutputBudget, peer: PublicKey, channel: any Channel) {
        self.budget = budget
        self.peer = peer
        self.channel = channel
    }

    /// Asks for room for an answer that is rendered whole, before it is.
    ///
    /// - Parameter bytes: What it is taken to need. ``settle(_:)`` follows when that is known.
    /// - Throws: 429, when other answers that are being read leave no room.
    func reserve(_ bytes: Int) throws(APIStatus) {
        try ask(bytes, share: nil)
        state.withLock { $0.reserved += bytes }
    }

    /// Asks for what a rendered answer needs beyond what was reserved for it, or gives back what it does not need.
    ///
    /// - Throws: 429, when other answers that are being read leave no room.
    func settle(_ bytes: Int) throws(APIStatus) {
        let more = bytes - state.withLock { $0.reserved }
        if more > 0 {
            try reserve(more)
        } else if more < 0 {
            budget.shrink(opened(), to: bytes)
            state.withLock { $0.reserved = bytes }
        }
    }

    /// Gives back what was reserved: the answer is so small that nothing of it is counted.
    func release() {
        let isReserved = state.withLock { state in
            defer { state.reserved = 0 }
            return state.reserved > 0
        }
        if isReserved { budget.shrink(opened(), to: 0) }
    }

    /// Asks for room for objects that are still to be rendered.
    func hold(_ bytes: Int, ofQuestion question: String, at revision: UInt64) throws(APIStatus) {
        try ask(bytes, share: OutputLedger.Share(peer: peer, revision: revision, question: question))
    }

    /// All objects are rendered.
    func dropShare() {
        if let id = state.withLock({ $0.id }) { budget.dropShare(id) }
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
        let id = state.withLock { state in
            state.isClosed = true
            defer { state.id = nil }
            return state.id
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

    /// Its number in the ledger; one that the ledger does not know after ``close()``.
    private func opened() -> UInt64 {
        state.withLock { state in
            if let id = state.id { return id }
            if state.isClosed { return 0 }
            let new = budget.open(peer, channel)
            state.id = new
            return new
        }
    }
}
