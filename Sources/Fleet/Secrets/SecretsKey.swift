public import Manifest

/// Which key seals values of Secrets. The key itself is in no log: each member keeps it in a file.
public struct SecretsKey: Equatable, Sendable {
    /// 1 for the first, and one more for each after it; at most ``largestVersion``.
    public var version: UInt32
    /// SHA-256 of the key: 32 bytes.
    public var fingerprint: [UInt8]

    public static let largestVersion: UInt32 = 999_999_999
    public static let fingerprintCount = 32

    public init(version: UInt32, fingerprint: [UInt8]) {
        self.version = version
        self.fingerprint = fingerprint
    }
}

/// A spec that was sealed anew: it says the same, sealed by another key.
public struct ResealedSpec: Equatable, Sendable {
    public var key: ObjectKey
    /// What it takes the place of; another spec stays as it is.
    public var old: [UInt8]
    public var new: [UInt8]

    public init(key: ObjectKey, old: [UInt8], new: [UInt8]) {
        self.key = key
        self.old = old
        self.new = new
    }
}
