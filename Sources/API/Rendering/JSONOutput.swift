import JSONText

/// JSON text as it grows: pieces are written straight into the bytes of the answer, in the order of the members.
///
/// It knows where a comma belongs and nothing else; that what is written is one value is the writer's duty.
struct JSONOutput {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    mutating func beginObject() { bytes.append(UInt8(ascii: "{")) }
    mutating func endObject() { bytes.append(UInt8(ascii: "}")) }
    mutating func beginArray() { bytes.append(UInt8(ascii: "[")) }
    mutating func endArray() { bytes.append(UInt8(ascii: "]")) }

    /// Begins a member; `key` needs no escapes.
    mutating func key(_ key: StaticString) {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        key.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    /// Begins a member of any key.
    mutating func key(_ key: String) {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        JSONWriter.append(string: key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
    }

    /// Begins an element of an array.
    mutating func element() {
        if bytes.last != UInt8(ascii: "[") { bytes.append(UInt8(ascii: ",")) }
    }

    mutating func string(_ value: String) { JSONWriter.append(string: value, to: &bytes) }
    mutating func integer(_ value: some BinaryInteger) { JSONWriter.append(integer: Int64(clamping: value), to: &bytes) }
    mutating func bool(_ value: Bool) { bytes.append(contentsOf: (value ? "true" : "false").utf8) }
    mutating func null() { bytes.append(contentsOf: "null".utf8) }
    mutating func json(_ value: JSON) { value.appendCompact(to: &bytes) }

    /// Text that is JSON already.
    mutating func raw(_ text: some Collection<UInt8>) { bytes.append(contentsOf: text) }

    /// A number that clients must not round: in quotes, as Kubernetes writes versions.
    mutating func quoted(_ value: UInt64) { string(String(value)) }

    /// A line feed behind a value: the end of one line of a watch.
    mutating func endLine() { bytes.append(0x0a) }

    mutating func stringMap(_ map: [String: String]) {
        beginObject()
        for (name, value) in map.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            key(name)
            string(value)
        }
        endObject()
    }
}
