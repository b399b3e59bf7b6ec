/// A decimal number that is no 64-bit integer, kept exactly as decimal digits and a power of ten.
///
/// Equal numbers are equal values, however they were written: `0.10`, `1e-1` and `0.1` are one. Minus zero is zero.
public struct JSONNumber: Hashable, Sendable, CustomStringConvertible {
    /// The canonical JSON text: no needless digits, an exponent only where ECMAScript writes one.
    public let description: String

    /// The nearest `Double`; nil beyond its range.
    public var double: Double? {
        guard let value = Double(description), value.isFinite else { return nil }
        return value
    }

    fileprivate init(canonical text: String) {
        description = text
    }
}

extension JSON {
    /// The number with the fewest digits that reads back as `value`; nil for NaN and infinities.
    public init?(_ value: Double) {
        guard value.isFinite else { return nil }
        guard let number = JSON(numeral: Array(value.description.utf8)[...]) else { return nil }
        self = number
    }

    private enum NumeralPart {
        case whole, fraction, exponent
    }

    /// The largest power of ten that a number may be written with.
    static let largestExponent = 99_999_999

    /// The value of a numeral of RFC 8259's grammar; nil if its exponent is beyond `largestExponent`.
    init?(numeral: some Sequence<UInt8>) {
        var digits: [UInt8] = []
        var negative = false
        var exponent = 0
        var written = 0
        var writtenNegative = false
        var part = NumeralPart.whole
        for byte in numeral {
            switch byte {
            case UInt8(ascii: "-"): if part == .exponent { writtenNegative = true } else { negative = true }
            case UInt8(ascii: "+"): break
            case UInt8(ascii: "."): part = .fraction
            case UInt8(ascii: "e"), UInt8(ascii: "E"): part = .exponent
            default:
                if part == .exponent {
                    written = written * 10 + Int(byte - 0x30)
                    guard written <= Self.largestExponent else { return nil }
                } else {
                    if part == .fraction { exponent -= 1 }
                    if !(digits.isEmpty && byte == 0x30) { digits.append(byte) }
                }
            }
        }
        exponent += writtenNegative ? -written : written
        while digits.last == 0x30 {
            digits.removeLast()
            exponent += 1
        }
        self = Self.decimal(negative: negative, digits: digits, exponent: exponent)
    }

    /// `digits` without zeros at either end, times ten to the `exponent`.
    private static func decimal(negative: Bool, digits: [UInt8], exponent: Int) -> JSON {
        if digits.isEmpty { return .integer(0) }
        let sign = negative ? "-" : ""
        // Digits before the decimal point; zero or less when the number is below one.
        let point = digits.count + exponent
        if exponent >= 0, point <= 19 {
            let text = sign + String(decoding: digits, as: UTF8.self) + String(repeating: "0", count: exponent)
            if let integer = Int64(text) { return .integer(integer) }
        }
        return .number(JSONNumber(canonical: sign + text(digits: digits, exponent: exponent, point: point)))
    }

    /// The layout of ECMAScript's `Number::toString` (ECMA-262 section 6.1.6.1.20).
    private static func text(digits: [UInt8], exponent: Int, point: Int) -> String {
        let all = String(decoding: digits, as: UTF8.self)
        if exponent >= 0, point <= 21 { return all + String(repeating: "0", count: exponent) }
        if point > 0, point <= 21 {
            return String(decoding: digits[..<point], as: UTF8.self) + "."
                + String(decoding: digits[point...], as: UTF8.self)
        }
        if point > -6, point <= 0 { return "0." + String(repeating: "0", count: -point) + all }
        let fraction = digits.count > 1 ? "." + String(decoding: digits[1...], as: UTF8.self) : ""
        let power = point - 1
        return String(decoding: digits[..<1], as: UTF8.self) + fraction + "e" + (power < 0 ? "-" : "+")
            + String(power.magnitude)
    }
}
