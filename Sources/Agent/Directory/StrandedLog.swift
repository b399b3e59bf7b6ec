import Host
import JSONText
import Journal
import Mesh
import Raft

/// A log in a data directory that has no record of a node: perhaps the only copy of what a cluster decided.
struct StrandedLog {
    private let directory: NodeDirectory
    private let inspection: JournalInspection

    /// The log of the directory; nil if there is none. Changes nothing, and needs no lock that another process holds.
    static func find(in directory: NodeDirectory) throws(AgentError) -> StrandedLog? {
        do throws(JournalError) {
            let inspection = try JournalInspection(on: FileSystemDisk(), directory: directory.journal)
            return StrandedLog(directory: directory, inspection: inspection)
        } catch .missing {
            return nil
        } catch {
            throw AgentError("\(error)", exitCode: error.exitCode)
        }
    }

    /// Whose log its oldest segment says it is; nil if that can't be read.
    var identity: JournalIdentity? { inspection.identity }

    /// Whether this is what a founding leaves that was interrupted before its record was written: no node was ever told
    /// of it, no vote was given, and nothing was decided but its own first entry.
    static func isUnfinishedFounding(_ recovered: RecoveredJournal) -> Bool {
        recovered.snapshot == nil && recovered.last.index <= LogIndex(1) && recovered.hardState.term <= Term(1)
            && recovered.hardState.vote == nil
    }

    /// Says what is there, and how to go on without losing it.
    ///
    /// - Parameters:
    ///   - purpose: What was not done because of it.
    ///   - bind: Where the node is reached, if that is known.
    func refusal(_ purpose: String, bind: HostPort?) -> AgentError {
        var text = "\(directory.journal) holds \(contents), but \(directory.record) is not there"
        if let holder = inspection.holder { text += "; process \(holder) has the log open" }
        text += ". \(purpose). "
        if let identity {
            let record = NodeRecord(
                clusterID: identity.clusterID, nodeID: identity.nodeID.rawValue, key: nil,
                bind: bind ?? HostPort(host: "HOST", port: 7001), members: [],
                incarnation: identity.incarnation)
            let line = String(decoding: record.json.canonicalBytes, as: UTF8.self)
            text += "To go on as that node, restore \(directory.record), or write into it: \(line). "
        }
        text += "If the log is of no use any more, move \(directory.journal) away, or use another data directory"
        return AgentError(text, exitCode: inspection.problems.first?.exitCode ?? 1)
    }

    private var contents: String {
        let owner = identity.map { "the log of \($0)" } ?? "a log"
        if let last = inspection.recovered?.last { return "\(owner), up to index \(last.index) in term \(last.term)" }
        return "\(owner), which can't be read (\(inspection.problems.map(\.description).joined(separator: "; ")))"
    }
}
