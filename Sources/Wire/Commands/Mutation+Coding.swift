import Fleet
import Primitives

// A mutation begins with its number: 1 put, 2 delete, 3 a put that was judged against an object, which comes last, 4 a
// put of a ManifestSet, with how the set is kept, 5 a delete that says what becomes of a set's members. A put's precondition is a number as well: 0 none, 1 absent, 2 a resource version, which follows.

extension ByteWriter {
    mutating func write(mutation: Mutation) {
        switch mutation {
        case .put(let put):
            // A ManifestSet is not judged, and only it has settings.
            write(put.settings != nil ? 4 : put.judged != nil ? 3 : 1 as UInt8)
            write(key: put.key)
            write(map: put.labels)
            write(map: put.annotations)
            write(prefixed: put.spec)
            write(precondition: put.precondition)
            write(optionalString: put.requiredNode)
            if let settings = put.settings { return write(settings: settings) }
            guard let judged = put.judged else { return }
            write(uid: judged.uid)
            write(varint: judged.generation)
            write(varint: judged.epoch)
        case .delete(let delete):
            write(delete.cascade == nil ? 2 : 5 as UInt8)
            write(key: delete.key)
            write(optional: delete.uid) { $0.write(uid: $1) }
            write(optional: delete.resourceVersion) { $0.write(varint: $1) }
            write(optional: delete.graceSeconds) { $0.write(signed: Int64($1)) }
            write(delete.ignoreMissing)
            if let cascade = delete.cascade { write(cascade.rawValue) }
        }
    }

    private mutating func write(settings: SetSettings) {
        write(settings.prune)
        write(signed: Int64(settings.maxPrunePercent))
        write(signed: Int64(settings.revisionHistoryLimit))
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
        case 4: .put(try readSetPut())
        case 2: .delete(try readDelete())
        case 5: .delete(try readCascadingDelete())
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

    private mutating func readSetPut() throws(DecodingFailure) -> Put {
        var put = try readPut()
        put.settings = SetSettings(
            prune: try readBool(), maxPrunePercent: try readInt(), revisionHistoryLimit: try readInt())
        return put
    }

    private mutating func readDelete() throws(DecodingFailure) -> Delete {
        Delete(
            key: try readKey(),
            uid: try readOptional { reader throws(DecodingFailure) in try reader.readUID() },
            resourceVersion: try readOptional { reader throws(DecodingFailure) in try reader.readVarint() },
            graceSeconds: try readOptional { reader throws(DecodingFailure) in try reader.readInt() },
            ignoreMissing: try readBool())
    }

    private mutating func readCascadingDelete() throws(DecodingFailure) -> Delete {
        var delete = try readDelete()
        delete.cascade = try readCase(SetCascade.self)
        return delete
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
