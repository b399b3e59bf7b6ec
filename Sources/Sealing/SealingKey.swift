import Crypto
public import Fleet
public import Manifest
import Primitives

/// A key that seals values of Secrets: 256 bits that every member of a cluster keeps, and no log.
public struct SealingKey: Equatable, Sendable {
    /// 1 for a cluster's first key.
    public let version: UInt32
    /// 32 bytes.
    public let bytes: [UInt8]

    public static let count = 32

    /// Nil unless there are ``count`` bytes and the version is one that a cluster can have.
    public init?(version: UInt32, bytes: [UInt8]) {
        guard bytes.count == Self.count, (1...SecretsKey.largestVersion).contains(version) else { return nil }
        self.version = version
        self.bytes = bytes
    }

    private init(drawn version: UInt32) {
        self.version = version
        bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
    }

    /// A key from the system's generator of random numbers.
    ///
    /// - Parameter version: Bounded by the caller.
    public static func random(version: UInt32) -> SealingKey { SealingKey(drawn: version) }

    /// What the log says of the key.
    public var record: SecretsKey {
        SecretsKey(version: version, fingerprint: Array(SHA256.hash(data: bytes)))
    }

    /// Seals one value of a Secret: AES-256-GCM (NIST SP 800-38D) under a key for this use.
    ///
    /// The nonce is a keyed hash of the value and of where it stands, as in a synthetic initialization vector (RFC
    /// 5297). The same value at the same place is therefore sealed to the same bytes, which is how an unchanged value is
    /// known, and one nonce never seals two values. Where it stands is authenticated, so that a sealed value opens
    /// nowhere else.
    ///
    /// - Parameters:
    ///   - secret: The Secret that it is a value of.
    ///   - name: Its key in the Secret.
    public func seal(_ value: [UInt8], of secret: ObjectKey, named name: String) -> SealedValue {
        let place = Self.place(secret, name)
        var hash = HMAC<SHA256>(key: derived("blixard secret nonce"))
        hash.update(data: place)
        hash.update(data: value)
        let nonce = Array(hash.finalize().prefix(12))
        // A nonce of twelve bytes and a value in memory are always sealed.
        guard
            let box = try? AES.GCM.seal(
                value, using: derived("blixard secret value"), nonce: AES.GCM.Nonce(data: nonce),
                authenticating: place)
        else { preconditionFailure("AES-GCM refuses to seal \(value.count) bytes") }
        return SealedValue(version: version, bytes: nonce + Array(box.ciphertext) + Array(box.tag))
    }

    /// The value; nil if it was not sealed by this key for this place.
    public func open(_ sealed: SealedValue, of secret: ObjectKey, named name: String) -> [UInt8]? {
        guard sealed.version == version, sealed.bytes.count >= SealedValue.overhead,
            // It fails for bytes that were not sealed so, which is what is asked.
            let box = try? AES.GCM.SealedBox(combined: sealed.bytes),
            let value = try? AES.GCM.open(
                box, using: derived("blixard secret value"), authenticating: Self.place(secret, name))
        else { return nil }
        return Array(value)
    }

    private func derived(_ use: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: bytes), info: Array(use.utf8), outputByteCount: Self.count)
    }

    private static func place(_ secret: ObjectKey, _ name: String) -> [UInt8] {
        var writer = ByteWriter(capacity: 128)
        for text in [secret.namespace, secret.name, name] { writer.write(prefixed: Array(text.utf8)) }
        return writer.bytes
    }
}

extension SealingKey: CustomStringConvertible {
    /// Never the key itself.
    public var description: String { "key \(version) for secrets" }
}
