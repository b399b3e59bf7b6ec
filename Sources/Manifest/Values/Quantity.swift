import Primitives

/// An exact amount in the grammar of Kubernetes: `128Mi`, `1.5Gi`, `2G`, `500m`, `1e3`.
///
/// Equal amounts are equal values and have one canonical text, however they were written. Nothing is rounded: an amount
/// finer than a billionth, or of 2^63 and more, is refused.
public struct Quantity: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Billionths of one.
    private let nano: Int128

    private static let one: Int128 = 1_000_000_000

    public init(_ whole: Int64) {
        nano = Int128(whole) * Self.one
    }

    private init(nano: Int128) {
        self.nano = nano
    }

    /// What error messages say about text that is no quantity.
    public static let rule =
        "must be a number with or without one of the suffixes Ki, Mi, Gi, Ti, Pi, Ei, k, M, G, T, P and E, such as "
        + "128Mi or 1.5Gi"

    /// Why text is no quantity; nil if it is one.
    public static func problem(_ text: String) -> String? {
        guard Quantity(text) == nil else { return nil }
        var rest = Substring(text).utf8
        if let sign = rest.first, "+-".utf8.contains(sign) { rest.removeFirst() }
        let number = rest.prefix { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
        let suffix = String(Substring(rest[number.endIndex...]))
        let isNumber = number.count { $0 == UInt8(ascii: ".") } <= 1 && number.contains { $0 != UInt8(ascii: ".") }
        guard isNumber else { return rule }
        if scale(of: suffix.utf8[...]) != nil { return "must be below 8Ei, and not finer than a billionth" }
        guard let near = nearSuffix(suffix) else { return rule }
        return "\(rule); found the suffix \"\(suffix)\", did you mean \"\(near)\"?"
    }

    /// The suffix that may have been meant: of another case, with a `B` for bytes, or mistyped.
    private static func nearSuffix(_ suffix: String) -> String? {
        let known = binarySuffixes.dropFirst() + decimalSuffixes.dropFirst()
        var word = suffix.lowercased()
        if word.hasSuffix("b") { word.removeLast() }
        if let same = known.first(where: { $0.lowercased() == word }) { return same }
        // One wrong letter is as near to every suffix of one letter.
        return suffix.utf8.count > 1 ? EditDistance.nearest(to: suffix, among: known) : nil
    }

    /// Nil if the text is no quantity, or not one that can be kept exactly.
    public init?(_ text: String) {
        var rest = Substring(text).utf8
        let negative = rest.first == UInt8(ascii: "-")
        if negative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        let whole = Self.takeDigits(&rest)
        var fraction = "".utf8[...]
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = Self.takeDigits(&rest)
        }
        guard !(whole.isEmpty && fraction.isEmpty), let (factor, divisor) = Self.scale(of: rest) else { return nil }
        while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        guard fraction.count <= 27, let value = Self.value(whole, then: fraction) else { return nil }
        // value x factor x 10^9 / (divisor x 10^fraction), exactly.
        var numerator = value
        var denominator = divisor
        for _ in fraction {
            guard !denominator.multiply(by: 10) else { return nil }
        }
        for power in [factor, Self.one] {
            let common = Self.greatestCommonDivisor(power, denominator)
            denominator /= common
            guard !numerator.multiply(by: power / common) else { return nil }
        }
        guard numerator % denominator == 0 else { return nil }
        let nano = numerator / denominator
        guard nano / Self.one <= Int128(Int64.max) else { return nil }
        self.nano = negative ? -nano : nano
    }

    /// The amount as a whole number; nil if it has a fraction.
    public var whole: Int64? {
        nano % Self.one == 0 ? Int64(exactly: nano / Self.one) : nil
    }

    /// The largest suffix that leaves a whole number; of a binary and a decimal one, that which leaves the smaller
    /// number, and the binary one of two equals.
    public var description: String {
        guard let whole else {
            for (suffix, unit) in [("m", Int128(1_000_000)), ("u", 1000)] where nano % unit == 0 {
                return "\(nano / unit)\(suffix)"
            }
            return "\(nano)n"
        }
        if whole == 0 { return "0" }
        let binary = Self.reduce(whole, by: 1024, suffixes: Self.binarySuffixes)
        let decimal = Self.reduce(whole, by: 1000, suffixes: Self.decimalSuffixes)
        let best = binary.number.magnitude <= decimal.number.magnitude ? binary : decimal
        return "\(best.number)\(best.suffix)"
    }

    public static func < (left: Quantity, right: Quantity) -> Bool { left.nano < right.nano }

    private static let binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
    private static let decimalSuffixes = ["", "k", "M", "G", "T", "P", "E"]

    private static func reduce(_ whole: Int64, by step: Int64, suffixes: [String]) -> (number: Int64, suffix: String) {
        var number = whole
        var place = 0
        while place + 1 < suffixes.count, number % step == 0 {
            number /= step
            place += 1
        }
        return (number, suffixes[place])
    }

    /// What a suffix multiplies and divides by; nil for an unknown one.
    private static func scale(of suffix: Substring.UTF8View) -> (factor: Int128, divisor: Int128)? {
        let text = String(Substring(suffix))
        if let place = binarySuffixes.firstIndex(of: text) { return (1 << (10 * Int128(place)), 1) }
        if let place = decimalSuffixes.firstIndex(of: text) { return (power(of: 10, 3 * place), 1) }
        switch text {
        case "m": return (1, 1000)
        case "u": return (1, 1_000_000)
        case "n": return (1, 1_000_000_000)
        default: break
        }
        guard let letter = suffix.first, letter | 0x20 == UInt8(ascii: "e") else { return nil }
        var rest = suffix.dropFirst()
        let negative = rest.first == UInt8(ascii: "-")
        if negative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        let digits = takeDigits(&rest)
        guard rest.isEmpty, !digits.isEmpty, let exponent = value(digits, then: "".utf8[...]), exponent <= 27 else {
            return nil
        }
        let scale = power(of: 10, Int(exponent))
        return negative ? (1, scale) : (scale, 1)
    }

    private static func power(of base: Int128, _ exponent: Int) -> Int128 {
        (0..<exponent).reduce(1) { product, _ in product * base }
    }

    private static func takeDigits(_ rest: inout Substring.UTF8View) -> Substring.UTF8View {
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        rest = rest[digits.endIndex...]
        return digits
    }

    /// The value of ASCII digits and further ones behind them; nil if it does not fit.
    private static func value(_ digits: Substring.UTF8View, then more: Substring.UTF8View) -> Int128? {
        var value: Int128 = 0
        for part in [digits, more] {
            for byte in part {
                guard !value.multiply(by: 10) else { return nil }
                let (sum, overflow) = value.addingReportingOverflow(Int128(byte - 0x30))
                guard !overflow else { return nil }
                value = sum
            }
        }
        return value
    }

    private static func greatestCommonDivisor(_ left: Int128, _ right: Int128) -> Int128 {
        right == 0 ? left : greatestCommonDivisor(right, left % right)
    }
}

extension Int128 {
    /// Multiplies in place and answers whether the product overflowed.
    fileprivate mutating func multiply(by factor: Int128) -> Bool {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        self = product
        return overflow
    }
}
