/// The few forms of ASN.1's distinguished encoding (X.690) that keys and certificates of a fixed layout need.
enum DER {
    static let sequence: UInt8 = 0x30
    static let set: UInt8 = 0x31
    static let integer: UInt8 = 0x02
    static let bitString: UInt8 = 0x03
    static let octetString: UInt8 = 0x04
    static let objectIdentifier: UInt8 = 0x06
    static let utf8String: UInt8 = 0x0c
    static let utcTime: UInt8 = 0x17
    static let generalizedTime: UInt8 = 0x18

    /// Tag, length, value.
    static func element(_ tag: UInt8, _ content: [UInt8]...) -> [UInt8] {
        let value = Array(content.joined())
        let length: [UInt8] =
            switch value.count {
            case 0..<0x80: [UInt8(value.count)]
            case 0x80..<0x100: [0x81, UInt8(value.count)]
            default: [0x82, UInt8(value.count >> 8), UInt8(value.count & 0xff)]
            }
        precondition(value.count < 1 << 16, "an element of \(value.count) bytes has no place in a certificate")
        return [tag] + length + value
    }

    static func text(_ tag: UInt8, _ value: String) -> [UInt8] { element(tag, Array(value.utf8)) }

    /// What comes before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410 section 4).
    static let publicKeyPrefix: [UInt8] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
    /// What comes before the 32 bytes of an Ed25519 seed in a PKCS #8 document (RFC 8410 section 7).
    static let privateKeyPrefix: [UInt8] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]
}
