import Fleet
import Primitives
import Raft

extension ByteWriter {
    mutating func write(entry: Entry) {
        write(varint: entry.term.rawValue)
        write(varint: entry.index.rawValue)
        write(entry.kind.rawValue)
        write(prefixed: entry.data)
    }

    mutating func write(snapshot: Snapshot) {
        write(varint: snapshot.index.rawValue)
        write(varint: snapshot.term.rawValue)
        let members = snapshot.metadata.confState
        for list in [members.voters, members.learners, members.votersOutgoing, members.learnersNext] {
            write(list: list) { $0.write(varint: $1.rawValue) }
        }
        write(members.autoLeave)
        write(prefixed: snapshot.data)
    }
}

extension ByteReader {
    mutating func readEntry() throws(DecodingFailure) -> Entry {
        Entry(
            term: Term(try readVarint()), index: try readLogIndex(), kind: try readCase(Entry.Kind.self),
            data: try readPrefixed())
    }

    mutating func readSnapshot() throws(DecodingFailure) -> Snapshot {
        let index = try readLogIndex()
        let term = Term(try readVarint())
        let members = ConfState(
            voters: try readNodeIDs(), learners: try readNodeIDs(), votersOutgoing: try readNodeIDs(),
            learnersNext: try readNodeIDs(), autoLeave: try readBool())
        return Snapshot(
            metadata: SnapshotMetadata(index: index, term: term, confState: members), data: try readPrefixed())
    }

    /// A log position that leaves room above it, so that counting on from it can't overflow.
    mutating func readLogIndex() throws(DecodingFailure) -> LogIndex {
        LogIndex(try readCounter())
    }

    mutating func readNodeID() throws(DecodingFailure) -> NodeID {
        let start = offset
        let raw = try readVarint()
        guard raw != 0, !NodeID(raw).isLocalThread else {
            throw DecodingFailure(.invalid("\(raw) is no node id"), offset: start)
        }
        return NodeID(raw)
    }

    /// Ascending, so that equal memberships have equal forms.
    private mutating func readNodeIDs() throws(DecodingFailure) -> [NodeID] {
        let start = offset
        let ids = try readList { reader throws(DecodingFailure) in try reader.readNodeID() }
        guard zip(ids, ids.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw DecodingFailure(.invalid("node ids out of order"), offset: start)
        }
        return ids
    }
}
