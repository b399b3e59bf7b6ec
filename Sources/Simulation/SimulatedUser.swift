import Fleet
import Primitives

/// Somebody who changes and reads the cluster's state, one request after the other, and asks again until answered.
struct SimulatedUser {
    struct Task {
        enum Kind {
            case write([Mutation])
            case read
        }

        var kind: Kind
        var what: String
        var request: RequestID
        var baseRevision: UInt64
        /// The newest state that anybody had seen when the request was first made, by its index.
        var floor: UInt64
        var node = 0
    }

    let number: Int
    var generator: SeededGenerator
    var task: Task?
    /// The newest revision that the user saw.
    var revision: UInt64 = 1
    var operations = 0
    /// Counts every try of every task, so that a late answer to an earlier one is known as such.
    var attempt: UInt64 = 0

    /// How long a user waits for an answer.
    static let patienceMilliseconds: Int64 = 10_000
}
