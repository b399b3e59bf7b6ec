import Crypto
public import Primitives

/// An Ed25519 key pair and the certificate that carries it: who this node or user is.
public struct Identity: Sendable {
    public let publicKey: PublicKey
    /// The self-signed certificate in DER, the same bytes for the same key.
    public let certificate: [UInt8]
    /// The private half (RFC 8032 section 5.1.5).
    let seed: [UInt8]

    /// A new identity from the system's randomness.
    public init() {
        self.init(Curve25519.Signing.PrivateKey())
    }

    /// The identity of a seed.
    ///
    /// - Parameter seed: Exactly 32 bytes; nil otherwise.
    public init?(seed: [UInt8]) {
        guard seed.count == 32, let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
            // The only way to fail is a wrong number of bytes.
            return nil
        }
        self.init(key)
    }

    private init(_ key: Curve25519.Signing.PrivateKey) {
        guard let publicKey = PublicKey(Array(key.publicKey.rawRepresentation)) else {
            preconditionFailure("an Ed25519 public key has 32 bytes")
        }
        self.publicKey = publicKey
        seed = Array(key.rawRepresentation)
        certificate = Certificate.der(publicKey: publicKey) { Self.signature(of: $0, by: key) }
    }

    /// The 64 bytes of the Ed25519 signature of `message`.
    public func sign(_ message: [UInt8]) -> [UInt8] {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
            preconditionFailure("a seed that made a key makes it again")
        }
        return Self.signature(of: message, by: key)
    }

    /// The certificate for `certificate-authority-data`, `client-certificate-data` or curl.
    public var certificatePEM: String { PEM.encode(certificate, label: "CERTIFICATE") }

    /// The private key for `client-key-data` or curl. Its holder is this identity.
    public var privateKeyPEM: String { PEM.encode(privateKey, label: "PRIVATE KEY") }

    /// PKCS #8.
    var privateKey: [UInt8] { DER.privateKeyPrefix + seed }

    /// The identity of a PKCS #8 document in PEM; nil unless it holds exactly an Ed25519 key.
    public init?(privateKeyPEM text: String) {
        guard let bytes = PEM.decode(text, label: "PRIVATE KEY"), bytes.starts(with: DER.privateKeyPrefix) else {
            return nil
        }
        self.init(seed: Array(bytes.dropFirst(DER.privateKeyPrefix.count)))
    }

    private static func signature(of message: [UInt8], by key: Curve25519.Signing.PrivateKey) -> [UInt8] {
        guard let signature = try? key.signature(for: message) else {
            preconditionFailure("signing with an Ed25519 key can't fail")
        }
        return Array(signature)
    }
}
