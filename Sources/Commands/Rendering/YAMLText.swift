import JSONText
import ManifestFiles
import Primitives

/// Writes JSON values as YAML that every version reads as the same value, with nothing in it that a terminal would
/// obey.
struct YAMLText {
    private var text = ""

    /// The value with a line feed at its end.
    static func render(_ value: JSON) -> String {
        var writer = YAMLText()
        writer.block(value, indent: 0, afterKey: false)
        return writer.text
    }

    /// A value on lines of its own, or behind a key or dash where it fits there.
    private mutating func block(_ value: JSON, indent: Int, afterKey: Bool) {
        switch value {
        case .object(let object) where !object.isEmpty:
            if afterKey { text += "\n" }
            for (position, member) in object.members.enumerated() {
                if afterKey || position > 0 { pad(indent) }
                appendKey(member.key, indent: indent)
                // Sequences stand under their key, not to the right of it.
                let isSequence = member.value.array.map { !$0.isEmpty } ?? false
                block(member.value, indent: isSequence ? indent : indent + 2, afterKey: true)
            }
        case .array(let elements) where !elements.isEmpty:
            if afterKey { text += "\n" }
            for (position, element) in elements.enumerated() {
                if afterKey || position > 0 { pad(indent) }
                text += "- "
                block(element, indent: indent + 2, afterKey: false)
            }
        case .string(let string) where Self.isLiteral(string):
            if afterKey { text += " " }
            literal(string, indent: indent)
        default:
            if afterKey { text += " " }
            text += Self.scalar(value) + "\n"
        }
    }

    /// A key and its colon. A long one needs a mark of its own: readers look for the colon only so far.
    private mutating func appendKey(_ key: String, indent: Int) {
        let key = Self.scalar(key)
        if key.utf8.count <= 128 {
            text += key + ":"
        } else {
            text += "? " + key + "\n"
            pad(indent)
            text += ":"
        }
    }

    /// Text of several lines as a literal block.
    private mutating func literal(_ string: String, indent: Int) {
        var lines = string.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last == "" {
            lines.removeLast()
            text += "|\n"
        } else {
            text += "|-\n"
        }
        for line in lines {
            if !line.isEmpty { pad(max(indent, 2)) }
            text += line + "\n"
        }
    }

    private mutating func pad(_ count: Int) { text += String(repeating: " ", count: count) }

    /// Several lines, none of which needs escapes or begins with white space, with at most one line feed at the end.
    private static func isLiteral(_ string: String) -> Bool {
        guard string.contains("\n"), !string.hasSuffix("\n\n"), string != "\n" else { return false }
        let lines = string.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.first, !first.isEmpty, first.first != " " else { return false }
        return string.unicodeScalars.allSatisfy { $0 == "\n" || $0.isHarmless }
    }

    private static func scalar(_ value: JSON) -> String {
        switch value {
        case .string(let string): scalar(string)
        case .array: "[]"
        case .object: "{}"
        default: String(decoding: value.canonicalBytes, as: UTF8.self)
        }
    }

    /// A string: plain where no reader could take it for anything else, in double quotes otherwise.
    private static func scalar(_ string: String) -> String {
        isPlain(string) ? string : quoted(string)
    }

    /// In double quotes, with the escapes that JSON and YAML share where there are such.
    private static func quoted(_ string: String) -> String {
        var result = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\" + String(scalar)
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.isHarmless: result.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16)
                let width = scalar.value > 0xffff ? 8 : 4
                result +=
                    (width == 8 ? "\\U" : "\\u") + String(repeating: "0", count: width - digits.utf8.count) + digits
            }
        }
        return result + "\""
    }

    private static func isPlain(_ string: String) -> Bool {
        guard let first = string.unicodeScalars.first, let last = string.unicodeScalars.last else { return false }
        guard case .value(.string) = YAMLScalar(plain: string) else { return false }
        // A date is a string to YAML 1.2 and a date to 1.1; whatever begins with a digit and looks like one is quoted.
        if string.utf8.count >= 8, string.utf8.prefix(4).allSatisfy({ (0x30...0x39).contains($0) }),
            string.utf8.dropFirst(4).first == UInt8(ascii: "-")
        {
            return false
        }
        let indicators: Set<Unicode.Scalar> = [
            "-", "?", ":", ",", "[", "]", "{", "}", "#", "&", "*", "!", "|", ">", "'", "\"", "%", "@", "`", " ", "=",
            "<", "~",
        ]
        // Three points end a document.
        guard !string.hasPrefix("..."), !indicators.contains(first), last != " ", last != ":", !string.contains(": "),
            !string.contains(" #")
        else { return false }
        return string.unicodeScalars.allSatisfy {
            $0.isHarmless && ($0.value < 0x7f || $0.value > 0xa0 && $0.value < 0x2028)
        }
    }
}
