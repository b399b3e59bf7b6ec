import Fleet
import Host
import Journal
public import Mesh
public import Primitives
import Raft
import Replica
import Sealing

/// Makes a new cluster of one node; done once, and never by a node itself.
public enum ClusterFounding {
    public struct Founded: Equatable, Sendable {
        public var clusterID: String
        public var nodeKey: PublicKey
        public var addresses: [String]
    }

    /// Writes the node's key, the first key for secrets, the log with its first entry, and last the record that says that there is a node.
    ///
    /// A crash before the end leaves a directory that can be founded again.
    ///
    /// - Throws: If the directory holds a node or a log already, no address can be dialed, or the disk fails; with exit
    ///   code 70 if a record or log there is damaged.
    public static func found(
        id: UInt64, name: String?, bind: HostPort, advertise: [String], administrator: PublicKey,
        administratorName: String, log: LogSize, in directory: NodeDirectory
    ) throws(AgentError) -> Founded {
        if let record = try NodeRecord.read(directory) {
            throw AgentError(
                "\(directory.path) already holds node \(record.nodeID) of cluster \(record.clusterID); "
                    + "start it with: blixard node --data-dir \(directory.path)")
        }
        let addresses = try DialableAddresses.of(bind: bind, advertise: advertise)
        try directory.create()
        let clusterID = newClusterID()
        let identity: Identity
        do throws(MeshError) {
            identity = try Identity.loadOrCreate(at: directory.key)
        } catch {
            throw AgentError("\(error)")
        }
        let secretsKey = SealingKey.random(version: 1)
        try SecretsKeyStore.write(Keyring([secretsKey]), to: directory.secretsKeys)
        try writeLog(
            Bootstrap(
                clusterID: clusterID,
                member: Bootstrap.Founder(id: id, name: name, key: identity.publicKey, addresses: addresses),
                adminKey: administrator, adminName: administratorName,
                secretsFingerprint: secretsKey.record.fingerprint),
            log, to: directory, bind: bind)
        try NodeRecord(
            clusterID: clusterID, nodeID: id, key: identity.publicKey, bind: bind,
            members: [Ticket.Member(key: identity.publicKey, addresses: addresses, nodeID: id)], incarnation: 0
        ).write(directory)
        return Founded(clusterID: clusterID, nodeKey: identity.publicKey, addresses: addresses)
    }

    private static func writeLog(
        _ bootstrap: Bootstrap, _ size: LogSize, to directory: NodeDirectory, bind: HostPort
    ) throws(AgentError) {
        do throws(JournalError) {
            let log = try WriteAheadLog.create(
                on: FileSystemDisk(), directory: directory.journal,
                // A founder redeems nothing: see ``Member/incarnation``.
                identity: JournalIdentity(
                    clusterID: bootstrap.clusterID, nodeID: NodeID(bootstrap.member.id), incarnation: 0),
                parameters: size.journal, saltSeed: .random(in: .min ... .max),
                replacing: StrandedLog.isUnfinishedFounding)
            var generator = SystemRandomNumberGenerator()
            let entry = Replica.foundingEntry(
                bootstrap, stamp: SystemClock.wallTime(), request: .random(using: &generator))
            try log.append([JournalWrite(founding: entry)])
            log.close()
        } catch {
            switch error {
            case .alreadyThere, .damaged, .unknownVersion, .wrongIdentity:
                if let log = try StrandedLog.find(in: directory) {
                    throw log.refusal("No cluster was founded, because that would destroy it", bind: bind)
                }
            default: break
            }
            throw AgentError("no cluster was founded in \(directory.path): \(error)", exitCode: error.exitCode)
        }
    }

    private static func newClusterID() -> String {
        Hex.encode((0..<16).map { _ in UInt8.random(in: .min ... .max) })
    }
}
