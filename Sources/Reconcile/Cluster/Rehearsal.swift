public import Fleet
public import Primitives

extension Fleet {
    /// What a write would do, by the very functions that do it, on a copy that is thrown away.
    ///
    /// The copy is afterwards as the fleet would be, so that plans can be made from it.
    public mutating func rehearse(
        _ change: DesiredChange, request: RequestID, baseRevision: UInt64?, author: PublicKey, at wall: WallTime
    ) -> CommandOutcome {
        let refusals = admissionRefusals(of: change.mutations, in: self)
        guard refusals.isEmpty else { return .refused(refusals) }
        let write = WriteCommand(request: request, baseRevision: baseRevision ?? revision, change: change)
        let envelope = CommandEnvelope(stamp: wall, author: author, command: .write(write))
        return apply(envelope, index: appliedIndex + 1)
    }
}
