import Host
import Journal
import Mesh
import Primitives

/// A node that asks to join and has not heard the answer: it must ask as the same one again, also after a crash.
///
/// Its incarnation is drawn for an empty directory and durable before a member hears of it, and is forgotten as soon as
/// the directory holds a node. A node that loses the log thus asks with another one, and is not taken for the member
/// that it was: see ``Member/incarnation``.
struct Newcomer: Equatable, Sendable {
    var incarnation: UInt64

    /// The newcomer of an earlier try that got no answer, or of the log that is there, or a new one.
    ///
    /// A log whose record was lost says itself which one it is, and the cluster knows it by that.
    static func drawn(in directory: NodeDirectory, bind: HostPort) throws(AgentError) -> Newcomer {
        if let newcomer = try read(directory) { return newcomer }
        if let log = try StrandedLog.find(in: directory) {
            guard let incarnation = log.identity?.incarnation, incarnation > 0 else {
                throw log.refusal(
                    "Only its record says which log of this node it is, so it can't ask to join", bind: bind)
            }
            return Newcomer(incarnation: incarnation)
        }
        let newcomer = Newcomer(incarnation: .random(in: 1 ... .max))
        do throws(DiskError) {
            try DurableFile.write(Array("\(newcomer.incarnation)\n".utf8), to: directory.newcomer, mode: 0o600)
        } catch {
            throw AgentError("\(error)")
        }
        return newcomer
    }

    /// The directory holds a node, so no newcomer is left in it.
    static func settled(_ directory: NodeDirectory) throws(AgentError) {
        do throws(DiskError) {
            try DurableFile.remove(directory.newcomer)
        } catch {
            throw AgentError("\(error)")
        }
    }

    private static func read(_ directory: NodeDirectory) throws(AgentError) -> Newcomer? {
        let bytes: [UInt8]
        do throws(DiskError) {
            bytes = try DurableFile.read(directory.newcomer, limit: 64)
        } catch {
            if error.isNotFound { return nil }
            throw AgentError("\(error)")
        }
        guard let incarnation = UInt64(String(decoding: bytes.dropLast(), as: UTF8.self)), incarnation > 0 else {
            throw AgentError(
                "\(directory.newcomer) does not say as whom this node asked to join: remove the file, and the "
                    + "node if `blixard get nodes` shows it, then join anew")
        }
        return Newcomer(incarnation: incarnation)
    }
}
