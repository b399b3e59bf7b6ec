import Host
import Logging
import Mesh
import Primitives
import Raft
import Synchronization

/// Streams this leader's snapshots to members that are too far behind for entries.
///
/// One transfer for each member, a few in all. A transfer that fails is tried again from where it was cut, with pauses,
/// a bounded number of times; then consensus is told, and orders again when it wants to. Each try takes the newest
/// order, and a newer one of the same term does not stop a try that runs: it would bring the member nothing sooner.
final class SnapshotSender: Sendable {
    /// How hard an order is tried before consensus is told that it failed.
    struct Patience: Sendable {
        var tries: Int
        /// Between two tries.
        var pause: Backoff

        static let standard = Patience(tries: 5, pause: Backoff(baseMilliseconds: 200, capMilliseconds: 5000))
    }

    /// Members that are sent to at once; others wait their turn.
    static let transfers = 2
    /// How long a member may take to check and decode what it got.
    static let verdictMilliseconds: Int64 = 120_000

    private struct Transfer {
        var message: Message
        var snapshot: Snapshot
        /// Nil while it waits for its turn.
        var task: OwnedTasks.Handle?
        /// Tells this order from an earlier one for the same member.
        var number: UInt64
    }

    private struct State {
        /// The newest order for each member, until it has ended or was withdrawn.
        var transfers: [NodeID: Transfer] = [:]
        /// Members whose turn has not come, in order.
        var waiting: [NodeID] = []
        /// Kept over orders, so that a member that refuses again and again is not asked all the time.
        var pauses: [NodeID: Backoff] = [:]
        var lastNumber: UInt64 = 0
        var isClosed = false
    }

    private let clusterID: String
    private let client: StreamClient
    private let patience: Patience
    private let pool: BlockingPool
    private let logger: Logger
    private let target: @Sendable (NodeID) -> DialTarget?
    private let report: @Sendable (NodeID, LogIndex, _ isDelivered: Bool) -> Void
    private let tasks = OwnedTasks()
    private let state = Mutex(State())

    /// - Parameters:
    ///   - target: Where a member is now; nil if it is none.
    ///   - report: Takes the end of each order that was not withdrawn.
    init(
        clusterID: String, client: StreamClient, patience: Patience, pool: BlockingPool, logger: Logger,
        target: @escaping @Sendable (NodeID) -> DialTarget?,
        report: @escaping @Sendable (NodeID, LogIndex, _ isDelivered: Bool) -> Void
    ) {
        self.clusterID = clusterID
        self.client = client
        self.patience = patience
        self.pool = pool
        self.logger = logger
        self.target = target
        self.report = report
    }

    /// Runs the transfers until ``close()``, or until the task is cancelled; returns when none is under way. Called
    /// once.
    func run() async {
        await tasks.run()
    }

    /// Takes an order; returns at once.
    func send(_ message: Message, to node: NodeID) {
        guard let snapshot = message.snapshot else { return }
        let withdrawn = state.withLock { state -> OwnedTasks.Handle? in
            guard !state.isClosed else { return nil }
            if let current = state.transfers[node], current.message.term == message.term {
                state.transfers[node]?.message = message
                state.transfers[node]?.snapshot = snapshot
                return nil
            }
            // What was under way was of another term, and the member would not believe it.
            let old = state.transfers[node]?.task
            state.lastNumber += 1
            state.transfers[node] = Transfer(message: message, snapshot: snapshot, number: state.lastNumber)
            if !state.waiting.contains(node) { state.waiting.append(node) }
            return old
        }
        if let withdrawn { tasks.cancel(withdrawn) }
        startWaiting()
    }

    /// Withdraws the orders for all other nodes.
    func keep(_ members: Set<NodeID>) {
        let withdrawn = state.withLock { state in
            let gone = state.transfers.filter { !members.contains($0.key) }
            for node in gone.keys { state.transfers[node] = nil }
            for node in state.pauses.keys where !members.contains(node) { state.pauses[node] = nil }
            state.waiting.removeAll { !members.contains($0) }
            return gone.values.compactMap(\.task)
        }
        for task in withdrawn { tasks.cancel(task) }
        startWaiting()
    }

    /// Withdraws everything, for good.
    func close() {
        state.withLock { $0.isClosed = true }
        keep([])
        tasks.close()
    }

    // MARK: Turns

    private func startWaiting() {
        state.withLock { state in
            while !state.waiting.isEmpty, state.transfers.values.count(where: { $0.task != nil }) < Self.transfers {
                let node = state.waiting.removeFirst()
                guard let number = state.transfers[node]?.number else { continue }
                state.transfers[node]?.task = tasks.beginCancellable { [self] _ in await run(node, number) }
            }
        }
    }

    private func run(_ node: NodeID, _ number: UInt64) async {
        let ended = await transfer(to: node, number)
        let isCurrent = state.withLock { state in
            guard state.transfers[node]?.number == number else { return false }
            state.transfers[node] = nil
            if ended.isDelivered { state.pauses[node] = nil }
            return true
        }
        startWaiting()
        if isCurrent { report(node, ended.index, ended.isDelivered) }
    }

    /// The newest order; nil once it is withdrawn.
    private func order(_ node: NodeID, _ number: UInt64) -> Transfer? {
        state.withLock { state in state.transfers[node].flatMap { $0.number == number ? $0 : nil } }
    }

    private func pause(_ node: NodeID) -> Int64 {
        state.withLock { state in
            var generator = SystemRandomNumberGenerator()
            return state.pauses[node, default: patience.pause].next(using: &generator)
        }
    }

    // MARK: Tries

    private func transfer(to node: NodeID, _ number: UInt64) async -> (index: LogIndex, isDelivered: Bool) {
        var index = LogIndex.zero
        var prepared: (offer: SnapshotOffer, extent: StreamExtent)?
        for _ in 0..<patience.tries {
            guard let order = order(node, number), let target = target(node), !Task.isCancelled else { break }
            index = order.snapshot.index
            if prepared?.offer.metadata != order.snapshot.metadata { prepared = await prepare(order) }
            guard let prepared else { break }
            do {
                let verdict = try await attempt(prepared.offer, prepared.extent, order.snapshot.data, target)
                guard case .refused(let reason) = verdict else { return (index, true) }
                note(node, index, reason)
            } catch {
                note(node, index, "\(error)")
            }
            // Ends early only by cancellation, which the next round sees.
            try? await Task.sleep(for: .milliseconds(pause(node)))
        }
        return (index, false)
    }

    private func note(_ node: NodeID, _ index: LogIndex, _ reason: String) {
        logger.info(
            "a snapshot was not taken", metadata: ["to": "\(node)", "index": "\(index)", "reason": "\(reason)"])
    }

    private func prepare(_ order: Transfer) async -> (SnapshotOffer, StreamExtent) {
        await pool.run { [clusterID] () throws(Never) in
            let offer = SnapshotOffer(order.message, order.snapshot, clusterID: clusterID)
            let chunks = offer.chunks
            var checksum = CRC32C()
            for number in 0..<chunks.count { checksum.update(chunks.encode(number, of: order.snapshot.data)) }
            return (offer, .exactly(bytes: UInt64(chunks.streamBytes), checksum: checksum.value))
        }
    }

    private func attempt(
        _ offer: SnapshotOffer, _ extent: StreamExtent, _ data: [UInt8], _ target: DialTarget
    ) async throws -> SnapshotVerdict {
        try await client.withStream(
            to: target, kind: SnapshotOffer.kind, parameters: offer.bytes, sending: extent, holding: .none,
            silenceMilliseconds: Self.verdictMilliseconds
        ) { stream in
            let chunks = offer.chunks
            guard let first = Int(exactly: stream.resume).flatMap({ chunks.number(at: $0) }) else {
                throw StreamFailure.violation("it wants the snapshot from the middle of a chunk on")
            }
            logger.info(
                "sending a snapshot",
                metadata: [
                    "to": "\(offer.message.to)", "index": "\(offer.metadata.index)",
                    "bytes": "\(chunks.streamBytes)", "held": "\(stream.resume)",
                ])
            var failure: (any Error)?
            do {
                for number in first..<chunks.count {
                    // A member that says something now has found a reason to take no more.
                    if stream.hasArrivals { break }
                    try await stream.write(chunks.encode(number, of: data))
                }
                if !stream.hasArrivals { try await stream.finish() }
            } catch {
                // Its reason may have come before the connection broke.
                failure = error
            }
            do {
                return try SnapshotVerdict(decoding: try await stream.readAll(limit: SnapshotVerdict.limitBytes))
            } catch {
                throw failure ?? error
            }
        }
    }
}
