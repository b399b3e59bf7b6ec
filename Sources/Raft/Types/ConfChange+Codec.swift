public import Primitives

// An entry's data: one byte of format version, then
//   ConfChange    change, context
//   ConfChangeV2  transition byte, list of changes, context
// where a change is a kind byte and a varint node id, and the context is length-prefixed.
// Empty data is the change that leaves a joint configuration, so that such an entry costs nothing.

private let formatVersion: UInt8 = 1

extension MemberChange {
    fileprivate func encode(into writer: inout ByteWriter) {
        let kind: UInt8 =
            switch self {
            case .addVoter: 0
            case .remove: 1
            case .update: 2
            case .addLearner: 3
            }
        writer.write(kind)
        writer.write(varint: node.rawValue)
    }

    fileprivate init(from reader: inout ByteReader) throws(DecodingFailure) {
        let offset = reader.offset
        let kind = try reader.readByte()
        let raw = try reader.readVarint()
        guard raw != 0, !NodeID(raw).isLocalThread else {
            throw DecodingFailure(.invalid("\(raw) is no node id"), offset: offset)
        }
        switch kind {
        case 0: self = .addVoter(NodeID(raw))
        case 1: self = .remove(NodeID(raw))
        case 2: self = .update(NodeID(raw))
        case 3: self = .addLearner(NodeID(raw))
        default: throw DecodingFailure(.invalid("\(kind) is no kind of member change"), offset: offset)
        }
    }
}

private func readVersion(_ reader: inout ByteReader) throws(DecodingFailure) {
    let version = try reader.readByte()
    guard version == formatVersion else {
        throw DecodingFailure(.unknownVersion(UInt64(version)), offset: 0)
    }
}

extension ConfChange {
    /// The data of a ``Entry/Kind/membershipV1`` entry.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 16 + context.count)
        writer.write(formatVersion)
        change.encode(into: &writer)
        writer.write(prefixed: context)
        return writer.bytes
    }

    /// Reads what ``encoded()`` wrote.
    ///
    /// - Throws: For bytes that no change has, and for an unknown format version.
    public init(decoding data: [UInt8]) throws(DecodingFailure) {
        var reader = ByteReader(data)
        try readVersion(&reader)
        change = try MemberChange(from: &reader)
        context = try reader.readPrefixed()
        try reader.finish()
    }
}

extension ConfChangeV2 {
    /// The data of a ``Entry/Kind/membership`` entry.
    public func encoded() -> [UInt8] {
        if leavesJoint && context.isEmpty { return [] }
        var writer = ByteWriter(capacity: 16 + 10 * changes.count + context.count)
        writer.write(formatVersion)
        writer.write(transition.rawValue)
        writer.write(list: changes) { $1.encode(into: &$0) }
        writer.write(prefixed: context)
        return writer.bytes
    }

    /// Reads what ``encoded()`` wrote.
    ///
    /// - Throws: For bytes that no change has, and for an unknown format version.
    public init(decoding data: [UInt8]) throws(DecodingFailure) {
        guard !data.isEmpty else {
            self = .leaveJoint
            return
        }
        var reader = ByteReader(data)
        try readVersion(&reader)
        let raw = try reader.readByte()
        guard let transition = Transition(rawValue: raw) else {
            throw DecodingFailure(.invalid("\(raw) is no transition"), offset: 1)
        }
        self.transition = transition
        changes = try reader.readList { reader throws(DecodingFailure) in try MemberChange(from: &reader) }
        context = try reader.readPrefixed()
        try reader.finish()
    }
}
