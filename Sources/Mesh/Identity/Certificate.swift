import Primitives

/// The self-signed X.509 certificate that carries an identity's key through TLS.
///
/// Its layout is fixed: serial number 1, valid from 1970 without end (RFC 5280 section 4.1.2.5), the key in hexadecimal
/// as common name at both ends, and one extension, the DNS name ``dnsName``. Nothing but the key tells two of them
/// apart, and nothing but the key is believed. The DNS name serves other TLS clients, which insist on one.
enum Certificate {
    static let dnsName = "blixard.internal"

    /// - Parameter sign: Answers the 64 bytes of an Ed25519 signature over its argument.
    static func der(publicKey: PublicKey, sign: ([UInt8]) -> [UInt8]) -> [UInt8] {
        let algorithm = DER.element(DER.sequence, DER.element(DER.objectIdentifier, [0x2b, 0x65, 0x70]))
        let commonName: [UInt8] = [0x55, 0x04, 0x03]
        let name = DER.element(
            DER.sequence,
            DER.element(
                DER.set,
                DER.element(
                    DER.sequence, DER.element(DER.objectIdentifier, commonName),
                    DER.text(DER.utf8String, publicKey.description))))
        let validity = DER.element(
            DER.sequence, DER.text(DER.utcTime, "700101000000Z"), DER.text(DER.generalizedTime, "99991231235959Z"))
        let alternativeName: [UInt8] = [0x55, 0x1d, 0x11]
        let dnsNameTag: UInt8 = 0x82
        let extensions = DER.element(
            0xa3,
            DER.element(
                DER.sequence,
                DER.element(
                    DER.sequence, DER.element(DER.objectIdentifier, alternativeName),
                    DER.element(DER.octetString, DER.element(DER.sequence, DER.text(dnsNameTag, dnsName))))))
        let version3 = DER.element(0xa0, DER.element(DER.integer, [2]))
        let body = DER.element(
            DER.sequence, version3, DER.element(DER.integer, [1]), algorithm, name, validity, name,
            DER.publicKeyPrefix + publicKey.bytes, extensions)
        return DER.element(DER.sequence, body, algorithm, DER.element(DER.bitString, [0], sign(body)))
    }
}
