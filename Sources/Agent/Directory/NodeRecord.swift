import Host
import JSONText
import Journal
public import Mesh
public import Primitives
import Raft

/// Who a node is, written once when it founds or joins a cluster (`node.json`).
///
/// Without it there is no node in the directory. What the cluster decides later (members, addresses of others) is in
/// the log; the members here only lead a newcomer to its first connection.
public struct NodeRecord: Equatable, Sendable {
    public var clusterID: String
    public var nodeID: UInt64
    /// The public half of the node's key; nil where it was not written down.
    public var key: PublicKey?
    public var bind: HostPort
    public var members: [Ticket.Member]
    /// Which log this node's is; 0 for a founder, and for a node that joined before there was such a number.
    public var incarnation: UInt64

    public init(
        clusterID: String, nodeID: UInt64, key: PublicKey?, bind: HostPort, members: [Ticket.Member],
        incarnation: UInt64
    ) {
        self.clusterID = clusterID
        self.nodeID = nodeID
        self.key = key
        self.bind = bind
        self.members = members
        self.incarnation = incarnation
    }

    private static let limit = 1 << 20

    /// Nil if the directory holds no node.
    ///
    /// - Throws: If the file can't be read; with exit code 70 if it is damaged.
    public static func read(_ directory: NodeDirectory) throws(AgentError) -> NodeRecord? {
        let bytes: [UInt8]
        do throws(DiskError) {
            bytes = try DurableFile.read(directory.record, limit: limit)
        } catch {
            if error.isNotFound { return nil }
            throw AgentError("\(error)")
        }
        let json: JSON
        do throws(JSONError) {
            json = try JSON(parsing: bytes)
        } catch {
            throw AgentError("\(directory.record): \(error); restore it from a backup", exitCode: 70)
        }
        guard let record = NodeRecord(json: json) else {
            throw AgentError(
                "\(directory.record) does not say who this node is; restore it from a backup", exitCode: 70)
        }
        return record
    }

    /// Whose log lies beside it.
    var journalIdentity: JournalIdentity {
        JournalIdentity(clusterID: clusterID, nodeID: NodeID(nodeID), incarnation: incarnation)
    }

    func write(_ directory: NodeDirectory) throws(AgentError) {
        do throws(DiskError) {
            try DurableFile.write(json.prettyBytes, to: directory.record, mode: 0o600)
        } catch {
            throw AgentError("\(error)")
        }
    }

    var json: JSON {
        var json: JSON = [
            "cluster_id": .string(clusterID), "node_id": .integer(Int64(nodeID)), "bind": .string(bind.description),
            "members": .array(
                members.map { member in
                    [
                        "id": .integer(Int64(member.nodeID)), "key": .string(member.key.description),
                        "addresses": .array(member.addresses.map(JSON.string)),
                    ]
                }),
        ]
        if let key { json["key"] = .string(key.description) }
        if incarnation != 0 { json["incarnation"] = .string(String(incarnation)) }
        return json
    }

    init?(json: JSON) {
        guard let clusterID = json["cluster_id"]?.string, let id = json["node_id"]?.integer, id > 0,
            let bind = json["bind"]?.string.flatMap({ try? HostPort($0) }),
            let members = Ticket.Member.list(json["members"])
        else { return nil }
        var incarnation: UInt64 = 0
        if let text = json["incarnation"] {
            guard let number = text.string.flatMap({ UInt64($0) }) else { return nil }
            incarnation = number
        }
        var key: PublicKey?
        if let text = json["key"] {
            guard let known = text.string.flatMap({ PublicKey(hex: $0) }) else { return nil }
            key = known
        }
        self.init(
            clusterID: clusterID, nodeID: UInt64(id), key: key, bind: bind, members: members, incarnation: incarnation)
    }
}
