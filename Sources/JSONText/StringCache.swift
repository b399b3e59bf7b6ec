/// Strings already made from the text that is being read, so that a key that comes again costs no allocation.
///
/// Direct-mapped: a string that falls on another's slot takes its place.
struct StringCache: ~Copyable {
    private struct Entry {
        /// Where the string stood in the text.
        var offset: Int
        /// Zero in an empty slot.
        var length: Int
        var string: String
    }

    /// Longer strings are seldom written twice.
    static let longestBytes = 40
    private static let slots = 1024

    private let entries: UnsafeMutablePointer<Entry>

    init() {
        entries = .allocate(capacity: Self.slots)
        entries.initialize(repeating: Entry(offset: 0, length: 0, string: ""), count: Self.slots)
    }

    deinit {
        entries.deinitialize(count: Self.slots)
        entries.deallocate()
    }

    /// The string of `length` bytes of ASCII at `offset` of the text.
    @inline(__always)
    borrowing func string(in text: UnsafePointer<UInt8>, at offset: Int, length: Int) -> String {
        let start = text + offset
        guard length > 0, length <= Self.longestBytes else {
            return String(decoding: UnsafeBufferPointer(start: start, count: length), as: UTF8.self)
        }
        let entry = entries + Self.slot(of: start, length: length)
        if entry.pointee.length == length, Self.equal(text + entry.pointee.offset, start, length) {
            return entry.pointee.string
        }
        let string = String(decoding: UnsafeBufferPointer(start: start, count: length), as: UTF8.self)
        entry.pointee = Entry(offset: offset, length: length, string: string)
        return string
    }

    /// From the first and the last eight bytes and the length.
    @inline(__always)
    private static func slot(of start: UnsafePointer<UInt8>, length: Int) -> Int {
        var head: UInt64 = 0
        var tail: UInt64 = 0
        let raw = UnsafeRawPointer(start)
        if length >= 8 {
            head = raw.loadUnaligned(as: UInt64.self)
            tail = (raw + length - 8).loadUnaligned(as: UInt64.self)
        } else if length >= 4 {
            head = UInt64(raw.loadUnaligned(as: UInt32.self))
            tail = UInt64((raw + length - 4).loadUnaligned(as: UInt32.self))
        } else {
            head = UInt64(start[0]) | UInt64(start[length / 2]) << 8
            tail = UInt64(start[length - 1])
        }
        let mixed = (head ^ (tail &* 0x9e37_79b9_7f4a_7c15) ^ UInt64(length)) &* 0xff51_afd7_ed55_8ccd
        return Int(truncatingIfNeeded: mixed >> 54)
    }

    @inline(__always)
    private static func equal(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ length: Int) -> Bool {
        let left = UnsafeRawPointer(left)
        let right = UnsafeRawPointer(right)
        var position = 0
        while position + 8 <= length {
            guard
                (left + position).loadUnaligned(as: UInt64.self) == (right + position).loadUnaligned(as: UInt64.self)
            else { return false }
            position += 8
        }
        while position < length {
            guard
                (left + position).load(as: UInt8.self) == (right + position).load(as: UInt8.self)
            else { return false }
            position += 1
        }
        return true
    }
}
