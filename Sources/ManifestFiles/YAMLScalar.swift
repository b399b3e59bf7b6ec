public import JSONText

/// What a plain (unquoted) YAML scalar means: YAML 1.2's core schema (chapter 10.3), but for texts that YAML 1.1 reads
/// as something else.
public enum YAMLScalar: Equatable {
    case value(JSON)
    /// Why it must be written in another way.
    case refused(String)

    public init(plain text: String) {
        switch text {
        case "", "~", "null", "Null", "NULL": self = .value(.null)
        case "true", "True", "TRUE": self = .value(.bool(true))
        case "false", "False", "FALSE": self = .value(.bool(false))
        default: self = Self.oldBoolean(text) ?? Self.number(text) ?? .value(.string(text))
        }
    }

    private static func oldBoolean(_ text: String) -> YAMLScalar? {
        let meaning: Bool
        switch text {
        case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON": meaning = true
        case "n", "N", "no", "No", "NO", "off", "Off", "OFF": meaning = false
        default: return nil
        }
        return .refused("\(text) is \(meaning) to some and a word to others: write \(meaning) or \"\(text)\"")
    }

    /// Nil for what no version of YAML takes for a number.
    private static func number(_ text: String) -> YAMLScalar? {
        let unsigned = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : Substring(text)
        switch unsigned {
        case ".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN":
            return .refused("\(text) is no number that JSON can say")
        default: break
        }
        guard let first = unsigned.utf8.first, isDigit(first) || first == UInt8(ascii: ".") else { return nil }
        if let based = basedNumber(text, unsigned) { return based }
        if unsigned.contains("_") || unsigned.contains(":") { return grouped(text, unsigned) }
        guard isDecimal(unsigned) else { return nil }
        if unsigned.utf8.count > 1, first == UInt8(ascii: "0"), unsigned.utf8.allSatisfy(isDigit) {
            return .refused("\(text) is octal to some and decimal to others: write \"\(text)\", or it without the zero")
        }
        guard let value = json(text, unsigned) else {
            return .refused("\(text) is no number that can be kept: its exponent is too large")
        }
        return .value(value)
    }

    /// `0x1f` and `0o17`; `0b11` is one to YAML 1.1 alone.
    private static func basedNumber(_ text: String, _ unsigned: Substring) -> YAMLScalar? {
        let digits = unsigned.dropFirst(2)
        let radix: Int
        switch unsigned.prefix(2) {
        case "0x": radix = 16
        case "0o": radix = 8
        case "0b":
            guard !digits.isEmpty, Int64(digits, radix: 2) != nil else { return nil }
            return .refused("\(text) is binary to some and a word to others: write it in decimal, or \"\(text)\"")
        default: return nil
        }
        guard !digits.isEmpty, !digits.hasPrefix("-"), !digits.hasPrefix("+"), let value = Int64(digits, radix: radix)
        else { return nil }
        return .value(.integer(text.hasPrefix("-") ? -value : value))
    }

    /// Digits with `_` between them, or in groups of sixty: numbers to YAML 1.1, words to 1.2.
    private static func grouped(_ text: String, _ unsigned: Substring) -> YAMLScalar? {
        let separators: Set<UInt8> = [UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: ":")]
        guard unsigned.utf8.allSatisfy({ isDigit($0) || separators.contains($0) }) else { return nil }
        let parts = unsigned.split(separator: ":", omittingEmptySubsequences: false)
        // An address with a port or with four parts is no number to any reader.
        let sixties =
            parts.count > 1
            && parts.dropFirst().allSatisfy {
                (1...2).contains($0.utf8.count) && $0.utf8.allSatisfy(isDigit) && (Int($0) ?? 60) < 60
            }
            && parts[0].utf8.allSatisfy(isDigit)
        guard unsigned.contains("_") && parts.count == 1 || sixties else { return nil }
        return .refused("\(text) is a number to some and a word to others: write \"\(text)\", or plain digits")
    }

    /// `[0-9]+(\.[0-9]*)?` or `\.[0-9]+`, with an exponent or without.
    private static func isDecimal(_ text: Substring) -> Bool {
        var rest = text.utf8[...]
        let whole = rest.prefix(while: isDigit)
        rest = rest.dropFirst(whole.count)
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            let fraction = rest.prefix(while: isDigit)
            guard !whole.isEmpty || !fraction.isEmpty else { return false }
            rest = rest.dropFirst(fraction.count)
        } else if whole.isEmpty {
            return false
        }
        if rest.isEmpty { return true }
        guard rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") else { return false }
        rest = rest.dropFirst()
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        return !rest.isEmpty && rest.allSatisfy(isDigit)
    }

    /// The number in JSON's grammar, which wants digits on both sides of the point and no zeros before others.
    private static func json(_ text: String, _ unsigned: Substring) -> JSON? {
        var whole = unsigned.prefix { $0 != "." && $0 != "e" && $0 != "E" }
        var rest = unsigned.dropFirst(whole.count)
        while whole.utf8.count > 1, whole.first == "0" { whole = whole.dropFirst() }
        if whole.isEmpty { whole = "0" }
        var numeral = (text.hasPrefix("-") ? "-" : "") + whole
        if rest.first == "." {
            let fraction = rest.dropFirst().prefix { $0 != "e" && $0 != "E" }
            rest = rest.dropFirst(1 + fraction.count)
            if !fraction.isEmpty { numeral += "." + fraction }
        }
        numeral += rest
        return try? JSON(parsing: numeral)  // Only the exponent can be at fault.
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
