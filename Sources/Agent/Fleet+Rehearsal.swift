import Fleet
import Primitives

extension Fleet {
    /// What a write would do, by the very function that does it, on a copy that nobody keeps.
    mutating func rehearse(
        _ mutations: [Mutation], request: RequestID, baseRevision: UInt64?, author: PublicKey, at wall: WallTime
    ) -> CommandOutcome {
        let write = WriteCommand(request: request, baseRevision: baseRevision ?? revision, mutations: mutations)
        let envelope = CommandEnvelope(stamp: wall, author: author, command: .write(write))
        return apply(envelope, index: appliedIndex + 1)
    }
}
