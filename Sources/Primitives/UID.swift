/// The identity of one object for its whole life: a name may come back, a uid never does.
///
/// Written as a UUID of version 8 (RFC 9562 section 5.8). Derived from the cluster, the log index and the position in
/// the entry, so every replica gives the same object the same uid, and two objects of a cluster never share one.
public struct UID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The first and last eight bytes of the UUID, most significant byte first.
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// - Parameters:
    ///   - cluster: The cluster's id; 42 bits of its hash go in.
    ///   - index: The log index of the creating entry, below 2^56.
    ///   - position: The object's place in that entry, below 2^24.
    public init(cluster: String, index: UInt64, position: Int) {
        precondition(index < 1 << 56 && position >= 0 && position < 1 << 24, "index \(index), position \(position)")
        var hash = StableHash()
        hash.combine(cluster)
        // high: 48 bits of the index | version 8 | 8 bits of the index, 4 bits of the hash
        // low:  variant 10 | 24 bits of the position | 38 bits of the hash
        let tail = (index & 0xff) << 4 | (hash.value >> 60)
        high = (index >> 8) << 16 | 0x8000 | tail
        low = 0b10 << 62 | UInt64(position) << 38 | (hash.value & ((1 << 38) - 1))
    }

    /// Reads the usual text form of a UUID.
    public init?(_ text: some StringProtocol) {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12], let bytes = Hex.decode(groups.joined()) else { return nil }
        self.init(
            high: bytes[0..<8].reduce(0) { $0 << 8 | UInt64($1) }, low: bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
        )
    }

    /// The text form of RFC 9562: 32 lower-case hexadecimal digits in groups of 8, 4, 4, 4 and 12.
    public var description: String {
        let digits = Array(Hex.encode(bytes))
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
    }

    /// A short name for directories: the index and the position in hexadecimal, unique within a cluster.
    public var short: String {
        let index = (high >> 16) << 8 | ((high >> 4) & 0xff)
        let position = (low >> 38) & 0xff_ffff
        return String(index, radix: 16) + "-" + String(position, radix: 16)
    }

    public var bytes: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: high >> (56 - 8 * UInt64($0))) }
            + (0..<8).map { UInt8(truncatingIfNeeded: low >> (56 - 8 * UInt64($0))) }
    }

    public static func < (left: UID, right: UID) -> Bool { (left.high, left.low) < (right.high, right.low) }
}
