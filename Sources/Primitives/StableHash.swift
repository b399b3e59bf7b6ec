/// A 64-bit hash that is the same in every process and on every machine (FNV-1a with a final mix).
///
/// It tells two states apart that should be equal; it is no protection against an attacker who wants a collision.
public struct StableHash: Sendable, Equatable {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    public init() {}

    public mutating func combine(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    }

    public mutating func combine(_ value: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            state = (state ^ ((value >> shift) & 0xff)) &* 0x0000_0100_0000_01b3
        }
    }

    /// Combines a string with its length, so that neighbours can't run into each other.
    public mutating func combine(_ string: String) {
        combine(UInt64(string.utf8.count))
        combine(string.utf8)
    }

    public var value: UInt64 { SeededGenerator.mix(state) }
}
