import Fleet
import Raft
import Replica
import Wire

extension ReplicaInput {
    /// What is never handled where it arrives, whatever the limit is.
    private static let many = 1 << 30

    /// About how many bytes are looked at to handle this, beside those of the log.
    var bytes: Int {
        switch self {
        case .write(_, let submission): submission.command.bytes
        case .message(_, .raft(let message)): message.entries.bytes
        case .message(_, .proposal(let proposal)): proposal.command.bytes
        // What it makes applicable is counted with the log.
        case .appended(let work): work.snapshot == nil ? 0 : Self.many
        // All manifests of the repository are held against the objects.
        case .sourceFetched: Self.many
        case .snapshotReceived, .snapshotSaved: Self.many
        case .observedAll(let observations): observations.count << 10
        default: 0
        }
    }
}

extension [ReplicaEffect] {
    /// About how many bytes are encoded when these are performed.
    var encodedBytes: Int {
        reduce(0) { sum, effect in
            switch effect {
            case .send(_, .raft(let message)): sum + message.entries.bytes
            case .send(_, .proposal(let proposal)): sum + proposal.command.bytes
            default: sum
            }
        }
    }
}

extension [Entry] {
    fileprivate var bytes: Int { reduce(0) { $0 + Int($1.limitedBytes) } }
}

extension Command {
    /// About how many bytes it takes in the log; other commands than those that users make of any size are small.
    fileprivate var bytes: Int {
        switch self {
        case .write(let write):
            write.mutations.reduce(0) { $0 + $1.bytes } + (write.change.expectation?.objects.count ?? 0) << 7
                + (write.change.set.map { $0.message.utf8.count + 256 } ?? 0)
        case .report(let report):
            (report.nodeStatus?.count ?? 0) + report.machines.reduce(0) { $0 + $1.status.count + 64 }
                + report.images.reduce(0) { $0 + ($1.status?.count ?? 0) + 64 } + report.events.count << 8
        case .place(let batch): (batch.bindings.count + batch.notes.count) << 8
        default: 0
        }
    }
}

extension Mutation {
    fileprivate var bytes: Int {
        switch self {
        case .put(let put): put.spec.count + 256
        default: 256
        }
    }
}
