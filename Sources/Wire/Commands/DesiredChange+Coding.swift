import Fleet
import Primitives

// What a write says of its set, and what its plan saw. A field that may be missing has a mark of one byte before it.

extension ByteWriter {
    mutating func write(set: SetApplication) {
        write(set.name)
        write(optional: set.prune) { $0.write($1) }
        write(optional: set.maxPrunePercent) { $0.write(signed: Int64($1)) }
        write(set.allowsEmpty)
        write(set.adopts)
        write(optional: set.expectedRevision) { $0.write(varint: $1) }
        write(set.message)
        write(set.commit)
    }

    mutating func write(expectation: WriteExpectation) {
        write(list: expectation.objects) { writer, object in
            writer.write(key: object.key)
            writer.write(optional: object.state) { writer, state in
                writer.write(uid: state.uid)
                writer.write(fixed: state.digest)
            }
        }
        write(list: expectation.pruned) { $0.write(key: $1) }
    }
}

extension ByteReader {
    mutating func readWriteOfSet() throws(DecodingFailure) -> WriteCommand {
        let start = offset
        var write = WriteCommand(
            request: try readRequest(), baseRevision: try readVarint(),
            mutations: try readList { reader throws(DecodingFailure) in try reader.readMutation() })
        write.change.set = try readOptional { reader throws(DecodingFailure) in try reader.readSet() }
        write.change.expectation = try readOptional { reader throws(DecodingFailure) in
            try reader.readExpectation()
        }
        // A write without both has another form, and equal commands have equal bytes.
        guard write.change.set != nil || write.change.expectation != nil else {
            throw DecodingFailure(.invalid("a write of no set and no plan"), offset: start)
        }
        return write
    }

    private mutating func readSet() throws(DecodingFailure) -> SetApplication {
        SetApplication(
            name: try readString(),
            prune: try readOptional { reader throws(DecodingFailure) in try reader.readBool() },
            maxPrunePercent: try readOptional { reader throws(DecodingFailure) in try reader.readInt() },
            allowsEmpty: try readBool(), adopts: try readBool(),
            expectedRevision: try readOptional { reader throws(DecodingFailure) in try reader.readVarint() },
            message: try readString(), commit: try readString())
    }

    private mutating func readExpectation() throws(DecodingFailure) -> WriteExpectation {
        WriteExpectation(
            objects: try readList { reader throws(DecodingFailure) in
                WriteExpectation.Object(
                    key: try reader.readKey(),
                    state: try reader.readOptional { reader throws(DecodingFailure) in
                        ManifestState(uid: try reader.readUID(), digest: try reader.readFixed(UInt64.self))
                    })
            },
            pruned: try readList { reader throws(DecodingFailure) in try reader.readKey() })
    }
}
