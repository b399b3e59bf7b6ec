import Fleet
import Host
import Logging
import Manifest
import Mesh
import NIOPosix
import Primitives
import Raft
import Synchronization

@testable import Agent

/// A node that takes snapshots over a real connection, and leaders that send them.
final class SnapshotFixture: Sendable {
    static let clusterID = "cluster"
    static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    static let pool = BlockingPool(named: "test-snapshot", threads: 2)
    static let group = MultiThreadedEventLoopGroup.singleton

    struct Delivery: Sendable {
        var from: NodeID
        var message: Message
        var fleet: Fleet
    }

    let directory: String
    let leaders = [Identity(), Identity()]
    let receiverIdentity = Identity()
    let deliveries = Mutex<[Delivery]>([])
    let reports = Mutex<[Report]>([])
    let members = MemberDirectory()
    private let server = Mutex<MeshServer?>(nil)

    struct Report: Equatable, Sendable {
        var to: NodeID
        var index: LogIndex
        var isDelivered: Bool
    }

    /// Leaders are nodes 1 and 2, the receiver is node 3.
    init(directory: String) {
        self.directory = directory
        members.update(
            Fleet(),
            learned: (leaders + [receiverIdentity]).enumerated().map { number, identity in
                Ticket.Member(key: identity.publicKey, addresses: ["127.0.0.1:1"], nodeID: UInt64(number + 1))
            })
    }

    /// Starts the receiver, as its process would, and answers its port.
    func startReceiver(appliedIndex: LogIndex = .zero, hasRoom: Bool = true) async throws -> Int {
        let receiver = SnapshotReceiver(
            node: NodeID(3), clusterID: Self.clusterID, directory: directory, pool: Self.pool, members: members,
            logger: Self.quiet, hasRoom: { hasRoom }, appliedIndex: { appliedIndex },
            deliver: { [self] from, message, fleet in
                deliveries.withLock { $0.append(Delivery(from: from, message: message, fleet: fleet)) }
            })
        var router = Router()
        router.route(
            .stream,
            to: StreamServer(
                handlers: [SnapshotOffer.kind: receiver], settings: .standard, logger: Self.quiet))
        let server = try MeshServer(
            identity: receiverIdentity, group: MultiThreadedEventLoopGroup.singleton, router: router,
            limits: ListenerLimits(DescriptorShares(of: 1024)), logger: Self.quiet
        ) { [members] key, alpn in members.admission(of: key, for: alpn) }
        let port = try await server.bind(host: "127.0.0.1", port: 0)
        self.server.withLock { $0 = server }
        Task { await server.run() }
        return port
    }

    func stopReceiver() async {
        await server.withLock { $0 }?.shutdown(graceMilliseconds: 0)
    }

    /// Runs until it is closed.
    ///
    /// - Parameter leader: 1 or 2.
    func sender(_ leader: Int, address: String, tries: Int = 5) -> SnapshotSender {
        let sender = SnapshotSender(
            clusterID: Self.clusterID,
            client: StreamClient(
                dialer: Dialer(identity: leaders[leader - 1], group: MultiThreadedEventLoopGroup.singleton),
                settings: .standard),
            patience: SnapshotSender.Patience(
                tries: tries, pause: Backoff(baseMilliseconds: 10, capMilliseconds: 200)),
            pool: Self.pool, logger: Self.quiet,
            target: { [receiverIdentity] _ in .key(receiverIdentity.publicKey, addresses: [address]) },
            report: { [self] to, index, isDelivered in
                reports.withLock { $0.append(Report(to: to, index: index, isDelivered: isDelivered)) }
            })
        Task { await sender.run() }
        return sender
    }

    /// The names of what has arrived in part.
    var partialFiles: [String] { (try? FileSystemDisk().list(directory)) ?? [] }

    func reported(_ isDelivered: Bool, index: UInt64 = 2) async {
        while !reports.withLock({ $0.contains(Report(to: NodeID(3), index: LogIndex(index), isDelivered: isDelivered)) }
        ) {
            // Ends early only by cancellation.
            try? await Task.sleep(for: .milliseconds(3))
        }
    }

    // MARK: Snapshots

    /// A fleet with so many machines of about a kilobyte, at index 2.
    static func fleet(machines: Int) -> Fleet {
        var fleet = Fleet()
        let admin = PublicKey([UInt8](repeating: 9, count: 32))!
        let bootstrap = Bootstrap(
            clusterID: clusterID,
            member: Bootstrap.Founder(
                id: 1, name: nil, key: PublicKey([UInt8](repeating: 1, count: 32))!, addresses: ["127.0.0.1:1"]),
            adminKey: admin, adminName: "admin")
        var generator = SeededGenerator(seed: 7)
        _ = fleet.apply(
            CommandEnvelope(stamp: WallTime(milliseconds: 0), author: nil, command: .bootstrap(bootstrap)), index: 1)
        let puts = (0..<machines).map { number in
            let key = ObjectKey(kind: "VirtualMachine", namespace: "default", name: "vm-\(number)")
            let note = String(
                (0..<900).map { _ in Character(Unicode.Scalar(UInt8.random(in: 97...122, using: &generator))) })
            return Mutation.put(
                Put(
                    key: key, labels: [:], annotations: ["example.com/note": note], spec: Array("{}".utf8),
                    precondition: .none, requiredNode: nil))
        }
        let write = WriteCommand(
            request: .random(using: &generator), baseRevision: fleet.revision, mutations: puts)
        _ = fleet.apply(
            CommandEnvelope(stamp: WallTime(milliseconds: 1), author: admin, command: .write(write)), index: 2)
        return fleet
    }

    static func message(_ data: [UInt8], from leader: Int, term: UInt64 = 5, index: UInt64 = 2) -> Message {
        let voters = [NodeID(1), NodeID(2), NodeID(3)]
        return Message(
            .snapshot, from: NodeID(UInt64(leader)), to: NodeID(3), term: Term(term),
            snapshot: Snapshot(
                metadata: SnapshotMetadata(
                    index: LogIndex(index), term: Term(1), confState: ConfState(voters: voters)), data: data))
    }
}
