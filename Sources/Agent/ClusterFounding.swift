import Fleet
import Host
import Journal
public import Mesh
public import Primitives
import Raft
import Replica

/// Makes a new cluster of one node; done once, and never by a node itself.
public enum ClusterFounding {
    public struct Founded: Equatable, Sendable {
        public var clusterID: String
        public var nodeKey: PublicKey
        public var addresses: [String]
    }

    /// Writes the node's key, the log with its first entry, and last the record that says that there is a node.
    ///
    /// A crash before the end leaves a directory that can be founded again.
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
        do {
            try writeLog(
                Bootstrap(
                    clusterID: clusterID,
                    member: Bootstrap.Founder(id: id, name: name, key: identity.publicKey, addresses: addresses),
                    adminKey: administrator, adminName: administratorName),
                log, to: directory)
        } catch {
            throw .of(error)
        }
        try NodeRecord(
            clusterID: clusterID, nodeID: id, bind: bind,
            members: [Ticket.Member(key: identity.publicKey, addresses: addresses, nodeID: id)]
        ).write(directory)
        return Founded(clusterID: clusterID, nodeKey: identity.publicKey, addresses: addresses)
    }

    private static func writeLog(_ bootstrap: Bootstrap, _ size: LogSize, to directory: NodeDirectory) throws {
        let disk = FileSystemDisk()
        // Left by a founding that was interrupted: nothing was ever acknowledged from it.
        try? removeJournal(directory, disk)
        let log = try WriteAheadLog.create(
            on: disk, directory: directory.journal,
            identity: JournalIdentity(
                clusterID: bootstrap.clusterID, nodeID: NodeID(bootstrap.member.id), incarnation: 0),
            parameters: size.journal, saltSeed: .random(in: .min ... .max))
        var generator = SystemRandomNumberGenerator()
        let entry = Replica.foundingEntry(
            bootstrap, stamp: SystemClock.wallTime(), request: .random(using: &generator))
        try log.append([
            JournalWrite(hardState: HardState(term: entry.term, vote: nil, commit: entry.index), entries: [entry])
        ])
        log.close()
    }

    private static func removeJournal(_ directory: NodeDirectory, _ disk: FileSystemDisk) throws {
        for name in try disk.list(directory.journal) { try disk.remove(directory.journal + "/" + name) }
    }

    private static func newClusterID() -> String {
        Hex.encode((0..<16).map { _ in UInt8.random(in: .min ... .max) })
    }
}
