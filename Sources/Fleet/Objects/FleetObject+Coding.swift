import Primitives

extension FleetObject {
    func encode(into writer: inout ByteWriter) {
        writer.write(key: key)
        writer.write(uid: uid)
        writer.write(varint: resourceVersion)
        writer.write(varint: generation)
        writer.write(time: createdAt)
        writer.write(optional: deletion) { writer, deletion in
            writer.write(time: deletion.requestedAt)
            writer.write(optional: deletion.graceSeconds) { $0.write(signed: Int64($1)) }
        }
        writer.write(map: labels)
        writer.write(map: annotations)
        writer.write(prefixed: spec)
        writer.write(prefixed: status)
        writer.write(map: nodeStatuses)
        writer.write(optional: binding) { writer, binding in
            writer.write(binding.node)
            writer.write(varint: binding.epoch)
        }
        writer.write(varint: lastEpoch)
    }

    init(from reader: inout ByteReader) throws(DecodingFailure) {
        key = try reader.readKey()
        uid = try reader.readUID()
        resourceVersion = try reader.readCounter()
        generation = try reader.readCounter()
        createdAt = try reader.readTime()
        deletion = try reader.readOptional { reader throws(DecodingFailure) in
            Deletion(
                requestedAt: try reader.readTime(),
                graceSeconds: try reader.readOptional { reader throws(DecodingFailure) in try reader.readInt() })
        }
        labels = try reader.readStringMap()
        annotations = try reader.readStringMap()
        spec = try reader.readPrefixed()
        status = try reader.readPrefixed()
        nodeStatuses = try reader.readBytesMap()
        binding = try reader.readOptional { reader throws(DecodingFailure) in
            Binding(node: try reader.readString(), epoch: try reader.readVarint())
        }
        lastEpoch = try reader.readCounter()
    }
}
