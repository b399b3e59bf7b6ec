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
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

    /// Nil if the text is no quantity, or not one that can be kept exactly.
    public init?(_ text: String) {
        var rest = Substring(text)
        let negative = rest.hasPrefix("-")
        if negative || rest.hasPrefix("+") { rest.removeFirst() }
        let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let suffix = rest[number.endIndex...]
        guard let (factor, divisor) = Self.scale(of: suffix) else { return nil }
        // Digits and how many of them stand after the point.
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.contains(where: { !$0.isEmpty }) else { return nil }
        var fraction = parts.count == 2 ? parts[1] : ""
        while fraction.last == "0" { fraction.removeLast() }
        guard fraction.count <= 27, let digits = Self.digits(parts[0] + fraction) else { return nil }
        // digits x factor x 10^9 / (divisor x 10^fraction), exactly.
        var numerator = digits
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
    private static func scale(of suffix: Substring) -> (factor: Int128, divisor: Int128)? {
        if let place = binarySuffixes.firstIndex(of: String(suffix)) { return (1 << (10 * Int128(place)), 1) }
        if let place = decimalSuffixes.firstIndex(of: String(suffix)) { return (power(of: 10, 3 * place), 1) }
        switch suffix {
        case "m": return (1, 1000)
        case "u": return (1, 1_000_000)
        case "n": return (1, 1_000_000_000)
        default: break
        }
        guard suffix.first == "e" || suffix.first == "E" else { return nil }
        var exponent = suffix.dropFirst()
        let negative = exponent.first == "-"
        if negative || exponent.first == "+" { exponent.removeFirst() }
        guard let digits = digits(exponent), digits <= 27 else { return nil }
        let scale = power(of: 10, Int(digits))
        return negative ? (1, scale) : (scale, 1)
    }

    private static func power(of base: Int128, _ exponent: Int) -> Int128 {
        (0..<exponent).reduce(1) { product, _ in product * base }
    }

    /// The value of ASCII digits; nil if there are none, others, or more than fit.
    private static func digits(_ text: some StringProtocol) -> Int128? {
        guard !text.isEmpty else { return nil }
        var value: Int128 = 0
        for byte in text.utf8 {
            guard (0x30...0x39).contains(byte), !value.multiply(by: 10) else { return nil }
            value += Int128(byte - 0x30)
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
