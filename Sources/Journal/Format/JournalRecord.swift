import Primitives
import Raft

/// One thing in a batch.
enum JournalRecord: Hashable, Sendable {
    case hardState(HardState)
    case entry(Entry)
    /// The node's own snapshot up to this position is durable in its file.
    case snapshotSaved(LogPosition)
    /// A snapshot of the leader is durable in its file, and everything recorded before it is void.
    case snapshotInstalled(LogPosition)
    /// The last of a segment: the segment of this sequence number is durable and goes on. Without it, a log whose last
    /// segment is lost would look like one that a crash found before the segment was made.
    case continued(sequence: UInt64)
}

extension JournalRecord {
    func encode(into writer: inout ByteWriter) {
        switch self {
        case .hardState(let hardState):
            writer.write(1 as UInt8)
            writer.write(hardState)
        case .entry(let entry):
            writer.write(2 as UInt8)
            writer.write(varint: entry.index.rawValue)
            writer.write(varint: entry.term.rawValue)
            writer.write(entry.kind.rawValue)
            writer.write(prefixed: entry.data)
        case .snapshotSaved(let position):
            writer.write(3 as UInt8)
            writer.write(varint: position.index.rawValue)
            writer.write(varint: position.term.rawValue)
        case .snapshotInstalled(let position):
            writer.write(4 as UInt8)
            writer.write(varint: position.index.rawValue)
            writer.write(varint: position.term.rawValue)
        case .continued(let sequence):
            writer.write(5 as UInt8)
            writer.write(varint: sequence)
        }
    }

    /// The index of an entry.
    var entryIndex: LogIndex? {
        if case .entry(let entry) = self { return entry.index }
        return nil
    }

    /// How many bytes ``encode(into:)`` writes.
    var encodedBytes: Int {
        switch self {
        case .hardState(let state):
            1 + Self.varintBytes(state.term.rawValue) + Self.varintBytes(state.vote?.rawValue ?? 0)
                + Self.varintBytes(state.commit.rawValue)
        case .entry(let entry):
            2 + Self.varintBytes(entry.index.rawValue) + Self.varintBytes(entry.term.rawValue)
                + Self.varintBytes(UInt64(entry.data.count)) + entry.data.count
        case .snapshotSaved(let position), .snapshotInstalled(let position):
            1 + Self.varintBytes(position.index.rawValue) + Self.varintBytes(position.term.rawValue)
        case .continued(let sequence): 1 + Self.varintBytes(sequence)
        }
    }

    /// Seven bits in each byte.
    private static func varintBytes(_ value: UInt64) -> Int {
        max(1, (64 - value.leadingZeroBitCount + 6) / 7)
    }

    init(from reader: inout ByteReader) throws(DecodingFailure) {
        let offset = reader.offset
        switch try reader.readByte() {
        case 1: self = .hardState(try reader.readHardState())
        case 2:
            let index = LogIndex(try reader.readVarint())
            let term = Term(try reader.readVarint())
            let rawKind = try reader.readByte()
            guard let kind = Entry.Kind(rawValue: rawKind) else {
                throw DecodingFailure(.invalid("\(rawKind) is no kind of entry"), offset: reader.offset - 1)
            }
            self = .entry(Entry(term: term, index: index, kind: kind, data: try reader.readPrefixed()))
        case 3: self = .snapshotSaved(try reader.readPosition())
        case 4: self = .snapshotInstalled(try reader.readPosition())
        case 5: self = .continued(sequence: try reader.readVarint())
        case let other: throw DecodingFailure(.invalid("\(other) is no kind of record"), offset: offset)
        }
    }
}

extension ByteWriter {
    mutating func write(_ hardState: HardState) {
        write(varint: hardState.term.rawValue)
        write(varint: hardState.vote?.rawValue ?? 0)
        write(varint: hardState.commit.rawValue)
    }

    mutating func write(_ confState: ConfState) {
        for list in [confState.voters, confState.learners, confState.votersOutgoing, confState.learnersNext] {
            write(list: list) { $0.write(varint: $1.rawValue) }
        }
        write(confState.autoLeave)
    }
}

extension ByteReader {
    mutating func readHardState() throws(DecodingFailure) -> HardState {
        let term = Term(try readVarint())
        let vote = try readNodeID()
        return HardState(term: term, vote: vote, commit: LogIndex(try readVarint()))
    }

    mutating func readNodeID() throws(DecodingFailure) -> NodeID? {
        let raw = try readVarint()
        return raw == 0 ? nil : NodeID(raw)
    }

    mutating func readPosition() throws(DecodingFailure) -> LogPosition {
        let index = LogIndex(try readVarint())
        return LogPosition(term: Term(try readVarint()), index: index)
    }

    mutating func readConfState() throws(DecodingFailure) -> ConfState {
        var lists: [[NodeID]] = []
        for _ in 0..<4 {
            lists.append(
                try readList { reader throws(DecodingFailure) in
                    guard let node = try reader.readNodeID() else {
                        throw DecodingFailure(.invalid("0 is no node id"), offset: reader.offset)
                    }
                    return node
                })
        }
        return ConfState(
            voters: lists[0], learners: lists[1], votersOutgoing: lists[2], learnersNext: lists[3],
            autoLeave: try readBool())
    }
}
