/// Lower-case base32 without padding (RFC 4648 section 6), for text that people copy and read out.
public enum Base32 {
    private static let digits = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    public static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        var bits: UInt32 = 0
        var pending = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            pending += 8
            while pending >= 5 {
                pending -= 5
                text.append(digits[Int(bits >> UInt32(pending) & 31)])
            }
        }
        if pending > 0 { text.append(digits[Int(bits << UInt32(5 - pending) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of base32 of either case; nil if a character, the length or a left-over bit is wrong.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var pending = 0
        for character in text.utf8 {
            guard let digit = value(of: character) else { return nil }
            bits = bits << 5 | UInt32(digit)
            pending += 5
            if pending >= 8 {
                pending -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(pending)))
            }
        }
        // A whole digit to spare, or left-over bits that are not zero: two texts would mean the same bytes.
        return pending < 5 && bits & ((1 << UInt32(pending)) - 1) == 0 ? bytes : nil
    }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a")
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "2")...UInt8(ascii: "7"): character - UInt8(ascii: "2") + 26
        default: nil
        }
    }
}
