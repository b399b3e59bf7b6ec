import API
import Host
import Journal
import Logging
import Mesh
import NIOCore
import NIOPosix
import Primitives
import Raft
import Replica

/// The parts of a running node, each made when everything that it needs is there.
///
///     record, key, log -> replica's host -> journal      NodeAgent.open
///       -> members -> network -> core                    what the parts share
///       -> calls to peers, snapshots
///       -> backend -> HTTP -> listeners
///       -> membership, machines, images -> performer     with it the replica starts
struct NodeShells: Sendable {
    let core: AgentCore
    let peers: PeerCalls
    let http: HTTPService
    let server: MeshServer
    let bootstrap: BootstrapServer
    let membership: MembershipUpdater
    let imageStore: ImageStore
    let performer: EffectPerformer

    /// Makes everything, and starts nothing.
    ///
    /// - Throws: ``MeshError`` when the node's key can't be used for TLS.
    init(
        _ opened: NodeAgent.Opened, _ settings: AgentSettings, _ directory: NodeDirectory,
        _ descriptors: DescriptorShares, _ logger: Logger
    ) throws(MeshError) {
        let loops = EventLoops()
        let outgoing = OutgoingConnections(most: descriptors.outgoing)
        func dialer(on group: any EventLoopGroup) -> Dialer {
            Dialer(identity: opened.identity, group: group, countedBy: outgoing)
        }

        core = Self.core(opened, settings, dialer: dialer(on: loops.raft), descriptors, logger)
        peers = PeerCalls(dialer: dialer(on: loops.calls), answerMilliseconds: PeerCalls.usualMilliseconds)
        let snapshots = SnapshotExchange(core, directory: directory.incoming, dialer: dialer(on: loops.bulk))

        let backend = AgentBackend(core: core, peers: peers) { [host = core.host] stopMachines in
            if stopMachines { host.post(.haltMachines) } else { opened.ending.yield(.machinesHalted) }
        }
        http = HTTPService(backend: backend, logger: logger)
        server = try Self.server(core, http, snapshots, group: loops.accepted)
        bootstrap = BootstrapServer(
            backend: backend, sharing: http, limits: BootstrapLimits(descriptors), group: loops.accepted,
            logger: logger)

        membership = MembershipUpdater(core, server: server, sender: snapshots.sender)
        imageStore = Self.imageStore(settings, directory, core, descriptors, group: loops.bulk)
        let host = core.host
        performer = EffectPerformer(
            core: core, membership: membership,
            machines: MachineWorkers(driver: opened.driver) { host.post($0) },
            images: ImageFetches(imageStore) { host.post(.image($0, $1)) },
            sources: SourceFetches(settings, directory, core) { host.post(.sourceFetched($0, $1)) },
            snapshots: snapshots,
            snapshotPool: BlockingPool(named: "snapshot", threads: 1), ending: opened.ending)
    }

    /// Urgent and bulky traffic of connections that the node opens never share a loop.
    private struct EventLoops {
        let raft = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        /// Of accepted connections, whatever they speak.
        let accepted = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        /// Gigabytes that nothing waits for.
        let bulk = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let calls = MultiThreadedEventLoopGroup.singleton
    }

    private static func core(
        _ opened: NodeAgent.Opened, _ settings: AgentSettings, dialer: Dialer, _ descriptors: DescriptorShares,
        _ logger: Logger
    ) -> AgentCore {
        let learned = LearnedMembers(opened.record.members)
        let members = MemberDirectory()
        members.update(opened.host.look { $0.fleet }, learned: learned.members)
        let receiver = PeerMessageReceiver(members: members, host: opened.host, logger: logger)
        let network = PeerNetwork(dialer: dialer, settings: .standard, logger: logger) { key, bytes in
            receiver.receive(bytes, from: key)
        } dropped: { key in
            receiver.dropped(to: key)
        }
        return AgentCore(
            opened, settings: settings, members: members, learnedMembers: learned, network: network,
            receiver: receiver, connections: ConnectionLedger(limits: ListenerLimits(descriptors)), logger: logger)
    }

    private static func server(
        _ core: AgentCore, _ http: HTTPService, _ snapshots: SnapshotExchange, group: any EventLoopGroup
    ) throws(MeshError) -> MeshServer {
        var router = Mesh.Router()
        router.route(.raft, to: core.network)
        router.route(.http, to: http)
        router.route(
            .stream,
            to: StreamServer(
                handlers: [SnapshotOffer.kind: snapshots.receiver], settings: .standard, logger: core.logger))
        return try MeshServer(
            identity: core.identity, group: group, router: router, ledger: core.connections, logger: core.logger
        ) { [members = core.members] key, alpn in members.admission(of: key, for: alpn) }
    }

    private static func imageStore(
        _ settings: AgentSettings, _ directory: NodeDirectory, _ core: AgentCore, _ descriptors: DescriptorShares,
        group: any EventLoopGroup
    ) -> ImageStore {
        let (host, secrets) = (core.host, core.secrets)
        return ImageStore(
            room: ImageStore.Room(
                directory: directory.images, keptBytes: Int64(4 * settings.log.journal.segmentBytes),
                freeBytes: { path throws(HostError) in try SystemFacts.freeDiskBytes(at: path) }),
            sources: ImageStore.Sources(
                directories: SourceDirectories(directories: settings.sourceDirectories), home: directory.path,
                pace: .standard,
                authorization: { auth throws(CredentialProblem) in
                    try OpenedSecrets(fleet: host.look { $0.fleet }, keyring: secrets.keyring).authorization(auth)
                }),
            atOnce: min(ImageStore.atOnce, descriptors.files / 16), group: group)
    }
}
