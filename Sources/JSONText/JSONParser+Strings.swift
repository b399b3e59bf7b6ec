extension JSONParser {
    /// The string whose opening quote is at `position`.
    @inline(__always)
    mutating func string(allowed: String) throws(Failure) -> String {
        try hashedString(allowed: allowed).string
    }

    /// The string whose opening quote is at `position`, and a number of ten bits that it shares with the equal strings
    /// of plain ASCII; nil for a string that was written with escapes or is not ASCII.
    @inline(__always)
    mutating func hashedString(allowed: String) throws(Failure) -> (string: String, hash: Int?) {
        guard position < end, text[position] == UInt8(ascii: "\"") else { throw unexpected(allowed) }
        position += 1
        let start = position
        skipPlain()
        if position < end, text[position] == UInt8(ascii: "\"") {
            let length = position - start
            position += 1
            return strings.string(in: text, at: start, length: length)
        }
        return (try remainder(from: start), nil)
    }

    /// Moves to the next byte that is a quote, a backslash, a control character or no ASCII; eight bytes at a time.
    @inline(__always)
    private mutating func skipPlain() {
        let raw = UnsafeRawPointer(text)
        while position + 8 <= end {
            let special = Self.special(UInt64(littleEndian: (raw + position).loadUnaligned(as: UInt64.self)))
            if special != 0 {
                position += special.trailingZeroBitCount >> 3
                return
            }
            position += 8
        }
        while position < end {
            let byte = text[position]
            if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
            position += 1
        }
    }

    /// The high bit of the lowest byte that is special, and perhaps of bytes above it.
    ///
    /// Subtracting borrows only into higher bytes, so the lowest mark is always right (Warren, Hacker's Delight 6-1).
    @inline(__always)
    private static func special(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* 0x22)
        let backslashes = word ^ (ones &* 0x5c)
        let equal = ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
        let control = (word &- (ones &* 0x20)) & ~word
        return (equal | control | word) & (ones &* 0x80)
    }

    /// A string with escapes or beyond ASCII, stopped at the first of them.
    private mutating func remainder(from start: Int) throws(Failure) -> String {
        var decoded: [UInt8] = []
        var copied = start
        while true {
            skipPlain()
            guard position < end else { throw unexpected("'\"' at the end of the string") }
            switch text[position] {
            case UInt8(ascii: "\""):
                let tail = UnsafeBufferPointer(start: text + copied, count: position - copied)
                position += 1
                if decoded.isEmpty { return String(decoding: tail, as: UTF8.self) }
                decoded.append(contentsOf: tail)
                return String(decoding: decoded, as: UTF8.self)
            case UInt8(ascii: "\\"):
                decoded.append(contentsOf: UnsafeBufferPointer(start: text + copied, count: position - copied))
                try escape(into: &decoded)
                copied = position
            case 0..<0x20:
                throw unexpected("control characters only as escapes such as \\n or \\u0001")
            default:
                position += try sequenceLength()
            }
        }
    }

    /// The length of the UTF-8 sequence at `position` (RFC 3629 section 4: no overlong forms, no surrogates).
    private func sequenceLength() throws(Failure) -> Int {
        let first = text[position]
        func continues(_ offset: Int, _ range: ClosedRange<UInt8> = 0x80...0xbf) -> Bool {
            position + offset < end && range.contains(text[position + offset])
        }
        switch first {
        case 0xc2...0xdf:
            if continues(1) { return 2 }
        case 0xe0:
            if continues(1, 0xa0...0xbf), continues(2) { return 3 }
        case 0xed:
            if continues(1, 0x80...0x9f), continues(2) { return 3 }
        case 0xe1...0xef:
            if continues(1), continues(2) { return 3 }
        case 0xf0:
            if continues(1, 0x90...0xbf), continues(2), continues(3) { return 4 }
        case 0xf1...0xf3:
            if continues(1), continues(2), continues(3) { return 4 }
        case 0xf4:
            if continues(1, 0x80...0x8f), continues(2), continues(3) { return 4 }
        default: break
        }
        throw Failure(reason: .invalidUTF8, offset: position, allowed: "UTF-8")
    }

    /// Decodes the escape whose backslash is at `position`.
    private mutating func escape(into decoded: inout [UInt8]) throws(Failure) {
        let start = position
        position += 1
        guard position < end else { throw unexpected("an escape") }
        let plain: UInt8
        switch text[position] {
        case UInt8(ascii: "\""): plain = UInt8(ascii: "\"")
        case UInt8(ascii: "\\"): plain = UInt8(ascii: "\\")
        case UInt8(ascii: "/"): plain = UInt8(ascii: "/")
        case UInt8(ascii: "b"): plain = 0x08
        case UInt8(ascii: "f"): plain = 0x0c
        case UInt8(ascii: "n"): plain = 0x0a
        case UInt8(ascii: "r"): plain = 0x0d
        case UInt8(ascii: "t"): plain = 0x09
        case UInt8(ascii: "u"):
            position += 1
            let scalar = try escapedScalar(start: start)
            decoded.append(contentsOf: UTF8.encode(scalar)!)
            return
        default: throw unexpected("one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u")
        }
        position += 1
        decoded.append(plain)
    }

    /// The scalar of a `\u` escape, or of two that are a surrogate pair; `position` is behind the `u`.
    private mutating func escapedScalar(start: Int) throws(Failure) -> Unicode.Scalar {
        let first = try fourDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        let lone = Failure(
            reason: .loneSurrogate, offset: start, allowed: "a pair of \\uD800-\\uDBFF and \\uDC00-\\uDFFF")
        guard first < 0xdc00, position + 1 < end, text[position] == UInt8(ascii: "\\"),
            text[position + 1] == UInt8(ascii: "u")
        else { throw lone }
        position += 2
        let second = try fourDigits()
        guard (0xdc00...0xdfff).contains(second) else { throw lone }
        return Unicode.Scalar(0x10000 + (UInt32(first - 0xd800) << 10) + UInt32(second - 0xdc00))!
    }

    private mutating func fourDigits() throws(Failure) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard position < end else { throw unexpected("four hexadecimal digits") }
            let digit: UInt8
            switch text[position] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = text[position] - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = text[position] - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = text[position] - UInt8(ascii: "A") + 10
            default: throw unexpected("four hexadecimal digits")
            }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }
}
