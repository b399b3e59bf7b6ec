extension JSONParser {
    /// The number at `position`.
    @inline(__always)
    mutating func number() throws(Failure) -> JSON {
        let start = position
        let negative = text[position] == UInt8(ascii: "-")
        if negative { position += 1 }
        let digitsStart = position
        var magnitude: UInt64 = 0
        while position < end {
            let digit = text[position] &- 0x30
            guard digit < 10 else { break }
            magnitude = magnitude &* 10 &+ UInt64(digit)
            position += 1
        }
        let digits = position - digitsStart
        guard digits > 0 else { throw unexpected("a digit") }
        if digits > 1, text[digitsStart] == 0x30 {
            position = digitsStart + 1
            throw unexpected("no digit after a leading zero")
        }
        let next = position < end ? text[position] : 0
        let isWhole = next != UInt8(ascii: ".") && next | 0x20 != UInt8(ascii: "e")
        // Eighteen digits always fit.
        if isWhole, digits <= 18 {
            let value = Int64(magnitude)
            return .integer(negative ? -value : value)
        }
        return try decimal(from: start)
    }

    /// A number with a fraction, an exponent or many digits; `position` is behind its whole digits.
    private mutating func decimal(from start: Int) throws(Failure) -> JSON {
        if position < end, text[position] == UInt8(ascii: ".") {
            position += 1
            try skipDigits()
        }
        if position < end, text[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < end, text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-") {
                position += 1
            }
            try skipDigits()
        }
        let numeral = UnsafeBufferPointer(start: text + start, count: position - start)
        guard let value = JSON(numeral: numeral) else {
            throw Failure(
                reason: .exponentOutOfRange, offset: start, allowed: "an exponent of at most \(JSON.largestExponent)")
        }
        return value
    }

    private mutating func skipDigits() throws(Failure) {
        let start = position
        while position < end, text[position] &- 0x30 < 10 { position += 1 }
        guard position > start else { throw unexpected("a digit") }
    }
}
