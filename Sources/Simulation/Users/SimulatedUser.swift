import Fleet
import Manifest
import Primitives

/// A client that changes and reads the cluster's state, one request after the other, and asks again until answered.
struct SimulatedUser {
    struct Task {
        enum Kind {
            case write(DesiredChange)
            case read(ObjectKey)
        }

        var kind: Kind
        var what: String
        var request: RequestID
        var baseRevision: UInt64
        /// The newest state that any user had seen when the request was last made, by its index.
        var floor: UInt64
        var node = 0
        /// Where it is written down, for each object; empty for what sets do, which a ledger of their own checks.
        var records: [ClientRecords.Number] = []
    }

    let number: Int
    /// Whether it applies, prunes and rolls back sets, and does nothing else.
    let keepsSets: Bool
    var generator: SeededGenerator
    var task: Task?
    /// The newest revision that the user saw.
    var revision: UInt64 = 1
    /// The versions of objects that the user saw last.
    var versions: [ObjectKey: UInt64] = [:]
    var operations = 0
    /// How much it still asks for after the last fault.
    var requestsLeft = 0
    /// Requests that the user has given up. Each leaves an operation open for good.
    var abandoned = 0
    /// Counts every try of every task, so that a late answer to an earlier one is known as such.
    var attempt: UInt64 = 0

    /// How long a user waits for an answer.
    static let patienceMilliseconds: Int64 = 10_000
    /// Open operations make histories hard to check.
    static let mostAbandoned = 3
    /// So that some requests come when nothing fails any more.
    static let requestsAfterFaults = 2
    static let machineKind = "VirtualMachine"
    static let registerKind = "Image"

    /// Whether it is to be answered still.
    var waits: Bool { task != nil || requestsLeft > 0 }
}
