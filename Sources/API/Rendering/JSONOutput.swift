import JSONText
import Primitives

/// JSON text as it grows: pieces are written straight into the bytes of the answer, in the order of the members.
///
/// It knows where a comma belongs and nothing else; that what is written is one value is the writer's duty.
struct JSONOutput {
    private(set) var bytes: [UInt8] = []
    /// The last byte that was taken away.
    private var lastTaken: UInt8?
    /// The last time that was written, and its text: the objects of one apply have one time.
    private var lastTime: (time: WallTime, text: String)?

    init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// Takes away what was written so far; writing goes on behind it.
    mutating func take() -> [UInt8] {
        lastTaken = bytes.last ?? lastTaken
        defer { bytes = [] }
        return bytes
    }

    private var last: UInt8? { bytes.last ?? lastTaken }

    mutating func beginObject() { bytes.append(UInt8(ascii: "{")) }
    mutating func endObject() { bytes.append(UInt8(ascii: "}")) }
    mutating func beginArray() { bytes.append(UInt8(ascii: "[")) }
    mutating func endArray() { bytes.append(UInt8(ascii: "]")) }

    /// Begins a member; `key` needs no escapes.
    mutating func key(_ key: StaticString) {
        if last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    /// Begins a member of any key.
    mutating func key(_ key: String) {
        if last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        JSONWriter.append(string: key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
    }

    /// Begins an element of an array.
    mutating func element() {
        if last != UInt8(ascii: "[") { bytes.append(UInt8(ascii: ",")) }
    }

    mutating func string(_ value: String) { JSONWriter.append(string: value, to: &bytes) }
    mutating func integer(_ value: some BinaryInteger) {
        JSONWriter.append(integer: Int64(clamping: value), to: &bytes)
    }
    mutating func bool(_ value: Bool) { bytes.append(contentsOf: (value ? "true" : "false").utf8) }
    mutating func null() { bytes.append(contentsOf: "null".utf8) }
    mutating func json(_ value: JSON) { value.appendCompact(to: &bytes) }

    /// Text that is JSON already.
    mutating func raw(_ text: some Collection<UInt8>) { bytes.append(contentsOf: text) }

    /// A number that clients must not round: in quotes, as Kubernetes writes versions.
    mutating func quoted(_ value: UInt64) { string(String(value)) }

    /// As Kubernetes writes times.
    mutating func time(_ time: WallTime) {
        if let lastTime, lastTime.time == time { return string(lastTime.text) }
        let text = time.rfc3339
        lastTime = (time, text)
        string(text)
    }

    /// As a UUID.
    mutating func uid(_ uid: UID) {
        bytes.append(UInt8(ascii: "\""))
        for place in 0..<32 {
            if place == 8 || place == 12 || place == 16 || place == 20 { bytes.append(UInt8(ascii: "-")) }
            let half = place < 16 ? uid.high : uid.low
            let digit = UInt8(truncatingIfNeeded: half >> UInt64(60 - 4 * (place & 15))) & 15
            bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
        bytes.append(UInt8(ascii: "\""))
    }

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
