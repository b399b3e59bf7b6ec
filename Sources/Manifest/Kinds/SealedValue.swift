import Primitives

/// A value of a Secret as the cluster keeps it: which of the cluster's keys sealed it, and the sealed bytes.
///
/// Written `VERSION.BASE64`. How bytes are sealed is no matter of manifests.
public struct SealedValue: Hashable, Sendable {
    /// Of the key; 1 to 999,999,999.
    public let version: UInt32
    /// What only that key opens.
    public let bytes: [UInt8]

    /// How many bytes a sealed value has more than the value: its nonce and its tag.
    public static let overhead = 28

    public init(version: UInt32, bytes: [UInt8]) {
        self.version = version
        self.bytes = bytes
    }

    /// Nil for a text that is no sealed value.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, (1...9).contains(parts[0].utf8.count), parts[0].utf8.first != UInt8(ascii: "0"),
            parts[0].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let version = UInt32(parts[0]), let bytes = Base64.decode(parts[1])
        else { return nil }
        self.init(version: version, bytes: bytes)
    }

    public var text: String { "\(version).\(Base64.encode(bytes))" }

    /// How many bytes the value has.
    public var valueCount: Int { max(0, bytes.count - Self.overhead) }
}
