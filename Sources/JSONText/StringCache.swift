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
    private static let mostSlots = 1024

    private let entries: UnsafeMutablePointer<Entry>
    /// A power of two.
    private let slots: Int

    /// - Parameter textBytes: The length of the text; a short one needs few slots, and they cost time to make.
    init(textBytes: Int) {
        var slots = 16
        while slots < Self.mostSlots, slots * 32 < textBytes { slots *= 2 }
        self.slots = slots
        entries = .allocate(capacity: slots)
        entries.initialize(repeating: Entry(offset: 0, length: 0, string: ""), count: slots)
    }

    deinit {
        entries.deinitialize(count: slots)
        entries.deallocate()
    }

    /// The string of `length` bytes of ASCII at `offset` of the text, and its hash.
    @inline(__always)
    borrowing func string(
        in text: UnsafePointer<UInt8>, at offset: Int, length: Int
    ) -> (string: String, hash: Int?) {
        if length == 0 { return ("", 0) }
        let start = text + offset
        let hash = Self.hash(of: start, length: length)
        let entry = entries + (hash & (slots - 1))
        if entry.pointee.length == length, Self.equal(text + entry.pointee.offset, start, length) {
            return (entry.pointee.string, hash)
        }
        let string = String(decoding: UnsafeBufferPointer(start: start, count: length), as: UTF8.self)
        if length <= Self.longestBytes { entry.pointee = Entry(offset: offset, length: length, string: string) }
        return (string, hash)
    }

    /// Ten bits from the first and the last eight bytes and the length.
    @inline(__always)
    private static func hash(of start: UnsafePointer<UInt8>, length: Int) -> Int {
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
