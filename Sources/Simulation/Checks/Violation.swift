/// A promise that was broken.
public struct Violation: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Promise: String, Hashable, Sendable, CaseIterable {
        case electionSafety = "one leader in a term"
        case leaderCompleteness = "a leader has every entry that was committed before"
        case logMatching = "entries of the same index and term are the same everywhere, and so are all before them"
        case stateMachineSafety = "every node applies the same entries"
        case membership = "memberships change one voter at a time, and consensus acts on what was decided"
        case stateEquality = "equal state at equal index"
        case monotonicity = "term, commit and applied index never go back"
        case durability = "what was acknowledged is on the disk"
        case writes = "an acknowledged write is there exactly once"
        case linearizability = "one order of all requests explains every answer"
        case reads = "a read sees every write acknowledged before it"
        case oneMachine = "a machine runs on one host at most"
        case boundStart = "a start has a committed binding of its epoch"
        case wantedDeletion = "only deleting deletes disks"
        case sets = "a set prunes only what it had, within its guards, and its revisions are whole"
        case sources = "each commit is put into force at most once, in the order of pushes"
        case plan = "what a plan prints is what the loops do next"
        case running = "a node goes on"
        case coding = "what was encoded can be decoded"
        case leadership = "when faults end, a node leads soon"
        case service = "when faults end, every user is served soon"
        case convergence = "when faults end, everything becomes as it is wanted"
    }

    public var promise: Promise
    public var details: String

    public init(_ promise: Promise, _ details: String) {
        self.promise = promise
        self.details = details
    }

    public var description: String { "\(promise.rawValue): \(details)" }
}
