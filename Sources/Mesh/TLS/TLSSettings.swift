import NIOCore
import NIOSSL
import Primitives

/// The one way in which the mesh speaks TLS: version 1.3, Ed25519 at both ends, no authorities, no host names.
///
/// What matters here, each found by trial: Ed25519 is not among BoringSSL's default signature algorithms. With
/// `.fullVerification` host names are checked even after a callback said yes, and with `.none` the callback is never
/// called. Default trust roots would load the system's whole bundle for each context.
enum TLSSettings {
    static func context(identity: Identity, protocols: [ALPN], server: Bool) throws(MeshError) -> NIOSSLContext {
        do {
            let certificate = NIOSSLCertificateSource.certificate(
                try NIOSSLCertificate(bytes: identity.certificate, format: .der))
            let key = NIOSSLPrivateKeySource.privateKey(
                try NIOSSLPrivateKey(bytes: identity.privateKey, format: .der))
            var configuration =
                server
                ? TLSConfiguration.makeServerConfiguration(certificateChain: [certificate], privateKey: key)
                : TLSConfiguration.makeClientConfiguration()
            configuration.certificateChain = [certificate]
            configuration.privateKey = key
            configuration.minimumTLSVersion = .tlsv13
            configuration.maximumTLSVersion = .tlsv13
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .certificates([])
            configuration.verifySignatureAlgorithms = [.ed25519]
            configuration.signingSignatureAlgorithms = [.ed25519]
            configuration.applicationProtocols = protocols.map(\.rawValue)
            // How long a close waits for the other side's `close_notify`.
            configuration.shutdownTimeout = .seconds(1)
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw .configuration("\(error)")
        }
    }

    /// The Ed25519 key in a certificate; nil for any other kind of key.
    ///
    /// No X.509 is parsed for it: the key's own encoding has a fixed prefix.
    static func key(in certificate: NIOSSLCertificate) -> PublicKey? {
        guard let encoded = try? certificate.extractPublicKey().toSPKIBytes(),
            encoded.starts(with: DER.publicKeyPrefix)
        else {
            // A certificate without a readable key is one without an Ed25519 key.
            return nil
        }
        return PublicKey(Array(encoded.dropFirst(DER.publicKeyPrefix.count)))
    }
}
