import Fleet
import Host
import Logging
import Mesh
import Primitives
import Raft
import Synchronization

/// Takes the snapshots that a leader streams to this node: checks them, decodes them, and hands them to the replica.
///
/// One at a time, and the one of the newest term wins. What arrived before a connection broke is kept, across restarts
/// too, and need not be sent again.
final class SnapshotReceiver: StreamHandler {
    private struct Slot {
        /// Tells the call that has the slot from one that had it before.
        var number: UInt64
        var offer: SnapshotOffer
        /// Nil until the stream was accepted.
        var stream: ByteStream?
        /// Whether a newer snapshot waits for the slot.
        var isGivenUp = false
    }

    private let node: NodeID
    private let clusterID: String
    private let directory: String
    private let pool: BlockingPool
    private let members: MemberDirectory
    private let logger: Logger
    private let hasRoom: @Sendable () -> Bool
    private let appliedIndex: @Sendable () -> LogIndex
    private let deliver: @Sendable (NodeID, Message, Fleet) -> Void
    /// `current` is the one snapshot that is being received; its number was the last one given.
    private let slot = Mutex<(lastNumber: UInt64, current: Slot?)>((0, nil))

    /// - Parameters:
    ///   - directory: Holds nothing but unfinished snapshots.
    ///   - hasRoom: Whether the disk takes what would come.
    ///   - appliedIndex: How far this node's own state is.
    ///   - deliver: Takes a snapshot that is whole, and the state that it holds.
    init(
        node: NodeID, clusterID: String, directory: String, pool: BlockingPool, members: MemberDirectory,
        logger: Logger, hasRoom: @escaping @Sendable () -> Bool, appliedIndex: @escaping @Sendable () -> LogIndex,
        deliver: @escaping @Sendable (NodeID, Message, Fleet) -> Void
    ) {
        self.node = node
        self.clusterID = clusterID
        self.directory = directory
        self.pool = pool
        self.members = members
        self.logger = logger
        self.hasRoom = hasRoom
        self.appliedIndex = appliedIndex
        self.deliver = deliver
    }

    /// Keeps at most the newest unfinished snapshot, and only if it is newer than this node's own state; blocks.
    static func cleanUp(_ directory: String, newerThan index: LogIndex) throws(DiskError) {
        let held = try FileSystemDisk().list(directory).compactMap { name in
            SnapshotOffer.index(inFileName: name).map { (name: name, index: $0) }
        }
        let newest = held.filter { $0.index > index }.max { $0.index < $1.index }?.name
        try IncomingSnapshot.prune(directory) { $0 == newest }
    }

    /// A snapshot up to this index is durable: what was received of it, or of an older one, is of no use any more.
    ///
    /// Removes that on a thread of the pool and returns at once.
    func discard(upTo index: LogIndex) {
        pool.submit { [directory, logger] in
            do throws(DiskError) {
                try IncomingSnapshot.prune(directory) {
                    SnapshotOffer.index(inFileName: $0).map { $0 > index } ?? false
                }
            } catch {
                logger.warning("can't remove a received snapshot", metadata: ["error": "\(error)"])
            }
        }
    }

    func serve(_ request: StreamRequest) async {
        let offer: SnapshotOffer
        do throws(DecodingFailure) {
            offer = try SnapshotOffer(decoding: request.header.parameters)
        } catch {
            return await request.refuse("the offer of a snapshot is unreadable: \(error)")
        }
        if let problem = problem(of: offer, request) { return await request.refuse(problem) }
        guard hasRoom() else { return await request.postpone("its disk has no room") }
        guard let number = begin(offer) else { return await request.postpone("it is receiving another snapshot") }
        defer { end(number) }
        await receive(offer, request, number)
    }

    private func problem(of offer: SnapshotOffer, _ request: StreamRequest) -> String? {
        guard offer.clusterID == clusterID else { return "it belongs to another cluster" }
        // The sender is the key that the mesh has proven, never a field.
        guard members.id(of: request.peer) == offer.message.from, offer.message.to == node else {
            return "the snapshot is not for node \(node), or not from the node that it names"
        }
        guard case .exactly(UInt64(offer.chunks.streamBytes), _) = request.header.extent else {
            return "the stream is not as long as the snapshot"
        }
        return nil
    }

    // MARK: One at a time

    /// Takes the slot, or gives up what is in it for the next try of the newer one.
    private func begin(_ offer: SnapshotOffer) -> UInt64? {
        let (number, old) = slot.withLock { slot -> (UInt64?, ByteStream?) in
            if let current = slot.current {
                guard offer.message.term >= current.offer.message.term else { return (nil, nil) }
                // Its file may be the same, so it must have left before the newer one begins.
                slot.current?.isGivenUp = true
                return (nil, current.stream)
            }
            slot.lastNumber += 1
            slot.current = Slot(number: slot.lastNumber, offer: offer)
            return (slot.lastNumber, nil)
        }
        old?.close()
        return number
    }

    private func attach(_ stream: ByteStream, _ number: UInt64) {
        let isGivenUp = slot.withLock { slot in
            slot.current?.stream = stream
            return slot.current?.isGivenUp ?? true
        }
        if isGivenUp { stream.close() }
    }

    private func end(_ number: UInt64) {
        slot.withLock { if $0.current?.number == number { $0.current = nil } }
    }

    // MARK: One transfer

    private func receive(_ offer: SnapshotOffer, _ request: StreamRequest, _ number: UInt64) async {
        if offer.metadata.index <= appliedIndex() { return await decline(offer, request) }
        var incoming: IncomingSnapshot
        do throws(DiskError) {
            incoming = try await pool.run { [directory] () throws(DiskError) in
                try IncomingSnapshot.open(offer, in: directory)
            }
        } catch {
            return await request.refuse("no snapshot can be stored: \(error)")
        }
        do {
            let held = incoming.prefix
            let stream = try await request.accept(
                sending: .open, holding: held, parameters: [], silenceMilliseconds: nil)
            attach(stream, number)
            logger.info(
                "receiving a snapshot",
                metadata: [
                    "from": "\(offer.message.from)", "index": "\(offer.metadata.index)",
                    "bytes": "\(offer.chunks.streamBytes)", "held": "\(held.bytes)",
                ])
            let verdict: SnapshotVerdict
            do {
                try await fill(&incoming, from: stream)
                let (data, fleet) = try await decode(incoming)
                deliver(offer.message.from, offer.message(with: data), fleet)
                verdict = .delivered
            } catch let failure as IncomingSnapshot.Failure {
                verdict = .refused(reason: "\(failure)")
            } catch let failure as DecodingFailure {
                verdict = .refused(reason: "the snapshot is unreadable: \(failure)")
            }
            if case .refused(let reason) = verdict {
                logger.error("can't take a snapshot", metadata: ["reason": "\(reason)"])
                await pool.run { [incoming] () throws(Never) in incoming.discard() }
            }
            try await stream.write(verdict.bytes)
            try await stream.finish()
        } catch {
            logger.info(
                "a snapshot's transfer was cut",
                metadata: ["index": "\(offer.metadata.index)", "reason": "\(error)"])
        }
    }

    /// Says that nothing is missing: this node's state holds what is offered.
    private func decline(_ offer: SnapshotOffer, _ request: StreamRequest) async {
        guard case .exactly(let bytes, let checksum) = request.header.extent else { return }
        do throws(StreamFailure) {
            let stream = try await request.accept(
                sending: .open, holding: HeldPrefix(bytes: bytes, checksum: checksum), parameters: [],
                silenceMilliseconds: nil)
            try await stream.write(SnapshotVerdict.delivered.bytes)
            try await stream.finish()
        } catch {
            logger.debug("an offer of a snapshot was cut", metadata: ["reason": "\(error)"])
        }
    }

    private func fill(_ incoming: inout IncomingSnapshot, from stream: ByteStream) async throws {
        while let bytes = try await stream.read() {
            incoming = try await pool.run { [incoming] () throws(IncomingSnapshot.Failure) in
                var incoming = incoming
                try incoming.append(bytes)
                return incoming
            }
        }
    }

    private func decode(_ incoming: IncomingSnapshot) async throws -> ([UInt8], Fleet) {
        let data = try await pool.run { () throws(IncomingSnapshot.Failure) in try incoming.data() }
        let fleet = try await pool.run { () throws(DecodingFailure) in try Fleet(snapshot: data) }
        return (data, fleet)
    }
}
