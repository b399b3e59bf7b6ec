import Primitives

extension Fleet {
    /// A digest of everything that a snapshot holds: equal on every replica that applied the same entries.
    ///
    /// Objects, members of sets, events and answers are kept summed up, so it costs as much as there are members, users and tickets.
    public var stateHash: UInt64 {
        ContentDigest.of { writer in
            encodeCore(into: &writer)
            encodeDeparted(into: &writer)
            writer.write(fixed: objects.digest)
            writer.write(fixed: eventTable.digest)
            writer.write(fixed: requests.digest)
            writer.write(optional: requests.floor) { $0.write(varint: $1) }
            if hasTicketNames { encodeTicketNames(into: &writer) }
            let incarnations = incarnations
            if !incarnations.isEmpty { encode(incarnations, into: &writer) }
            if !sets.isEmpty {
                sets.encodeHeads(into: &writer)
                writer.write(fixed: sets.digest)
            }
            if let secretsKey { encode(secretsKey, into: &writer) }
        }
    }
}
