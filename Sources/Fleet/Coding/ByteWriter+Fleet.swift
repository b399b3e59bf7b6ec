package import Manifest
package import Primitives

// The forms that commands, kept answers and snapshots share. Each is read by the method of ``ByteReader`` of the
// same name.

extension ByteWriter {
    package mutating func write(key: ObjectKey) {
        write(key.kind)
        write(key.namespace)
        write(key.name)
    }

    package mutating func write(uid: UID) {
        write(fixed: uid.high)
        write(fixed: uid.low)
    }

    package mutating func write(publicKey: PublicKey) {
        write(raw: publicKey.bytes)
    }

    package mutating func write(request: RequestID) {
        write(fixed: request.high)
        write(fixed: request.low)
    }

    package mutating func write(time: WallTime) {
        write(signed: time.milliseconds)
    }

    package mutating func write(optionalString string: String?) {
        write(optional: string) { $0.write($1) }
    }

    /// In the order of the keys' bytes.
    package mutating func write(map: [String: String]) {
        write(varint: map.count)
        for (key, value) in map.sortedByKeyBytes() {
            write(key)
            write(value)
        }
    }

    /// In the order of the keys' bytes.
    package mutating func write(map: [String: [UInt8]]) {
        write(varint: map.count)
        for (key, value) in map.sortedByKeyBytes() {
            write(key)
            write(prefixed: value)
        }
    }
}

extension Sequence<String> {
    /// Ascending by UTF-8, which is the same everywhere.
    func sortedByBytes() -> [String] { sorted { $0.precedesByBytes($1) } }
}

extension Dictionary where Key == String {
    fileprivate func sortedByKeyBytes() -> [Element] {
        // Most maps of most objects are empty.
        isEmpty ? [] : sorted { $0.key.precedesByBytes($1.key) }
    }
}
