import Manifest
import Primitives

extension SetRevision {
    func encode(into writer: inout ByteWriter) {
        writer.write(varint: number)
        writer.write(varint: index)
        writer.write(time: time)
        writer.write(optional: author) { $0.write(publicKey: $1) }
        writer.write(authorName)
        writer.write(message)
        writer.write(commit)
        for count in counts.all { writer.write(varint: count) }
        writer.write(list: manifests) { $0.write(varint: $1) }
    }

    init(from reader: inout ByteReader) throws(DecodingFailure) {
        number = try reader.readCounter()
        index = try reader.readCounter()
        time = try reader.readTime()
        author = try reader.readOptional { reader throws(DecodingFailure) in try reader.readPublicKey() }
        authorName = try reader.readString()
        message = try reader.readString()
        commit = try reader.readString()
        counts = try SetCounts(from: &reader)
        manifests = try reader.readList { reader throws(DecodingFailure) in try reader.readCounter() }
    }
}

extension SetCounts {
    fileprivate var all: [Int] { [created, configured, unchanged, pruned, released] }

    fileprivate init(from reader: inout ByteReader) throws(DecodingFailure) {
        self.init(
            created: Int(try reader.readCounter()), configured: Int(try reader.readCounter()),
            unchanged: Int(try reader.readCounter()), pruned: Int(try reader.readCounter()),
            released: Int(try reader.readCounter()))
    }
}

extension KeptManifest {
    func encode(into writer: inout ByteWriter) {
        writer.write(key: key)
        writer.write(map: labels)
        writer.write(map: annotations)
        writer.write(prefixed: spec)
    }

    init(from reader: inout ByteReader) throws(DecodingFailure) {
        self.init(
            key: try reader.readKey(), labels: try reader.readStringMap(), annotations: try reader.readStringMap(),
            spec: try reader.readPrefixed())
    }
}
