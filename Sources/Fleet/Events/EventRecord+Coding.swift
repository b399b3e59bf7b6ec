import Primitives

extension EventRecord {
    func encode(into writer: inout ByteWriter) {
        writer.write(key: regarding)
        writer.write(optional: uid) { $0.write(uid: $1) }
        writer.write(type.rawValue)
        writer.write(reason)
        writer.write(message)
        writer.write(source)
        writer.write(time: firstSeen)
        writer.write(time: lastSeen)
        writer.write(varint: count)
        writer.write(varint: firstRevision)
        writer.write(varint: revision)
    }

    init(from reader: inout ByteReader) throws(DecodingFailure) {
        regarding = try reader.readKey()
        uid = try reader.readOptional { reader throws(DecodingFailure) in try reader.readUID() }
        type = try reader.readCase(EventType.self)
        reason = try reader.readString()
        message = try reader.readString()
        source = try reader.readString()
        firstSeen = try reader.readTime()
        lastSeen = try reader.readTime()
        let start = reader.offset
        let count = try reader.readVarint()
        guard count > 0, count <= UInt64(Int.max) else {
            throw DecodingFailure(.invalid("an event seen \(count) times"), offset: start)
        }
        self.count = Int(count)
        firstRevision = try reader.readCounter()
        revision = try reader.readCounter()
    }

    var digest: UInt64 { ContentDigest.of { encode(into: &$0) } }
}
