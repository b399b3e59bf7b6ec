import Fleet
import Host
import Journal
import Mesh
import Primitives

/// Whether the key of a data directory is that of the node which the directory holds.
///
/// No peer speaks to a node under another key than the cluster knows, and its cluster would miss it. The key is read
/// once, at the start: a file that changes while the node runs concerns the next start only.
enum NodeKey {
    /// The directory's key; made only where there is neither a node nor a log.
    static func identity(in directory: NodeDirectory, of record: NodeRecord?) throws(AgentError) -> Identity {
        let found: Identity?
        do throws(MeshError) {
            found = try Identity.load(at: directory.key)
        } catch {
            throw AgentError("\(error)", exitCode: damaged)
        }
        if let found {
            if let expected = record?.key, expected != found.publicKey {
                throw refusal(directory, record, found: found.publicKey, expected: expected)
            }
            return found
        }
        guard record == nil, try StrandedLog.find(in: directory) == nil else {
            throw refusal(directory, record, found: nil, expected: record?.key)
        }
        do throws(MeshError) {
            return try Identity.loadOrCreate(at: directory.key)
        } catch {
            throw AgentError("\(error)")
        }
    }

    /// Throws if the cluster's own state knows this node under another key.
    static func check(
        _ identity: Identity, against fleet: Fleet, _ record: NodeRecord, in directory: NodeDirectory
    ) throws(AgentError) {
        guard let member = fleet.member(id: record.nodeID), member.key != identity.publicKey else { return }
        throw refusal(directory, record, found: identity.publicKey, expected: member.key)
    }

    /// EX_SOFTWARE: what the node itself has kept is no good, and starting it again does not help.
    private static let damaged: Int32 = 70

    private static func refusal(
        _ directory: NodeDirectory, _ record: NodeRecord?, found: PublicKey?, expected: PublicKey?
    ) -> AgentError {
        let node = record.map { "node \($0.nodeID) of cluster \($0.clusterID)" } ?? "the node of this log"
        var text = found.map { "\(directory.key) holds the key \($0)" } ?? "\(directory.key) is missing"
        text += ", but \(directory.path) holds \(node)"
        text += expected.map { ", which the cluster knows by the key \($0)" } ?? ", which has another key"
        let name = record.map { "node-\($0.nodeID)" } ?? "NAME"
        text +=
            ". No new key was made. Restore \(directory.key) from a backup. Without one this node is lost: run "
            + "`blixard cluster remove \(name)` and `blixard ticket create --for-node \(name)` where the cluster "
            + "answers, then join anew with that ticket and an empty data directory"
        return AgentError(text, exitCode: damaged)
    }
}
