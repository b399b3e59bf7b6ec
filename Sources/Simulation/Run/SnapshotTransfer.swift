import Primitives
import Raft

/// A snapshot on its way from one node to another, over a connection of its own.
struct SnapshotTransfer {
    var number: Int
    var sender: AgentRun
    var receiver: Int
    var message: Message
    /// The connection broke on the way, though its ends may not know.
    var isCut = false
}
