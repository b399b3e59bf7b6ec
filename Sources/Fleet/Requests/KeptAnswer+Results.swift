import Manifest
package import Primitives

extension ByteWriter {
    /// - Parameter revision: The change counter before the entry.
    mutating func write(result: MutationResult, after revision: UInt64) {
        write(result.operation.rawValue)
        if result.operation == .created {
            write(signed: Int64(bitPattern: result.resourceVersion &- revision))
            return
        }
        write(optional: result.uid) { $0.write(uid: $1) }
        write(signed: Int64(bitPattern: result.resourceVersion &- revision))
        write(varint: result.generation)
    }

    package mutating func write(refusal: Refusal) {
        write(refusal.reason.rawValue)
        write(optional: refusal.key) { $0.write(key: $1) }
        write(optionalString: refusal.field)
        write(refusal.message)
    }
}

extension ByteReader {
    /// - Parameters:
    ///   - revision: The change counter before the entry.
    ///   - createdUID: The uid that an object has which was created at this place.
    mutating func readResult(
        key: ObjectKey, after revision: UInt64, createdUID: @autoclosure () -> UID
    ) throws(DecodingFailure) -> MutationResult {
        let operation = try readCase(MutationResult.Operation.self)
        if operation == .created {
            let version = revision &+ UInt64(bitPattern: try readSigned())
            return MutationResult(
                key: key, operation: .created, uid: createdUID(), resourceVersion: version, generation: 1)
        }
        let uid = try readOptional { reader throws(DecodingFailure) in try reader.readUID() }
        let version = revision &+ UInt64(bitPattern: try readSigned())
        return MutationResult(
            key: key, operation: operation, uid: uid, resourceVersion: version, generation: try readVarint())
    }

    /// - Throws: If the bytes end early, or are no refusal.
    package mutating func readRefusal() throws(DecodingFailure) -> Refusal {
        Refusal(
            reason: try readCase(Refusal.Reason.self),
            key: try readOptional { reader throws(DecodingFailure) in try reader.readKey() },
            field: try readOptionalString(), message: try readString())
    }
}
