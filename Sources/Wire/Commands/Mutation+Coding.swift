import Fleet
import Primitives

// A mutation begins with its number: 1 put, 2 delete, 3 a put that was judged against an object, which comes last. A
// put's precondition is a number as well: 0 none, 1 absent, 2 a resource version, which follows.

extension ByteWriter {
    mutating func write(mutation: Mutation) {
        switch mutation {
        case .put(let put):
            write(put.judged == nil ? 1 : 3 as UInt8)
            write(key: put.key)
            write(map: put.labels)
            write(map: put.annotations)
            write(prefixed: put.spec)
            write(precondition: put.precondition)
            write(optionalString: put.requiredNode)
            guard let judged = put.judged else { return }
            write(uid: judged.uid)
            write(varint: judged.generation)
            write(varint: judged.epoch)
        case .delete(let delete):
            write(2 as UInt8)
            write(key: delete.key)
            write(optional: delete.uid) { $0.write(uid: $1) }
            write(optional: delete.resourceVersion) { $0.write(varint: $1) }
            write(optional: delete.graceSeconds) { $0.write(signed: Int64($1)) }
            write(delete.ignoreMissing)
        }
    }

    private mutating func write(precondition: Precondition) {
        switch precondition {
        case .none: write(0 as UInt8)
        case .absent: write(1 as UInt8)
        case .resourceVersion(let version):
            write(2 as UInt8)
            write(varint: version)
        }
    }
}

extension ByteReader {
    mutating func readMutation() throws(DecodingFailure) -> Mutation {
        switch try readByte() {
        case 1: .put(try readPut())
        case 3: .put(try readJudgedPut())
        case 2:
            .delete(
                Delete(
                    key: try readKey(),
                    uid: try readOptional { reader throws(DecodingFailure) in try reader.readUID() },
                    resourceVersion: try readOptional { reader throws(DecodingFailure) in try reader.readVarint() },
                    graceSeconds: try readOptional { reader throws(DecodingFailure) in try reader.readInt() },
                    ignoreMissing: try readBool()))
        case let other: throw DecodingFailure(.invalid("\(other) is no kind of mutation"), offset: offset - 1)
        }
    }

    private mutating func readPut() throws(DecodingFailure) -> Put {
        Put(
            key: try readKey(), labels: try readStringMap(), annotations: try readStringMap(),
            spec: try readPrefixed(), precondition: try readPrecondition(), requiredNode: try readOptionalString())
    }

    private mutating func readJudgedPut() throws(DecodingFailure) -> Put {
        var put = try readPut()
        put.judged = Judgement(uid: try readUID(), generation: try readVarint(), epoch: try readVarint())
        return put
    }

    private mutating func readPrecondition() throws(DecodingFailure) -> Precondition {
        switch try readByte() {
        case 0: .none
        case 1: .absent
        case 2: .resourceVersion(try readVarint())
        case let other: throw DecodingFailure(.invalid("\(other) is no precondition"), offset: offset - 1)
        }
    }
}
