import Primitives

extension JSON {
    /// The one text of this value: members sorted by the UTF-8 bytes of their keys, no white space, only needful
    /// escapes, numbers in their shortest form. Equal values have equal bytes.
    public var canonicalBytes: [UInt8] {
        var bytes: [UInt8] = []
        appendCanonical(to: &bytes)
        return bytes
    }

    /// The value for people: two spaces a level, members in their order, no line feed at the end, and nothing in it
    /// that a terminal would obey.
    public var prettyBytes: [UInt8] {
        var bytes: [UInt8] = []
        appendPretty(to: &bytes)
        return bytes
    }

    public func appendCanonical(to bytes: inout [UInt8]) {
        switch self {
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (position, element) in elements.enumerated() {
                if position > 0 { bytes.append(UInt8(ascii: ",")) }
                element.appendCanonical(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object): object.appendCanonical(to: &bytes)
        default: appendScalar(to: &bytes)
        }
    }

    /// The shortest text with members in their order; not canonical, but quicker.
    public func appendCompact(to bytes: inout [UInt8]) {
        switch self {
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (position, element) in elements.enumerated() {
                if position > 0 { bytes.append(UInt8(ascii: ",")) }
                element.appendCompact(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object):
            bytes.append(UInt8(ascii: "{"))
            for (position, member) in object.members.enumerated() {
                if position > 0 { bytes.append(UInt8(ascii: ",")) }
                JSONWriter.append(string: member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.appendCompact(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        default: appendScalar(to: &bytes)
        }
    }

    public func appendPretty(to bytes: inout [UInt8]) {
        appendPretty(to: &bytes, level: 0)
    }

    private func appendPretty(to bytes: inout [UInt8], level: Int) {
        switch self {
        case .array(let elements) where !elements.isEmpty:
            bytes.append(UInt8(ascii: "["))
            for (position, element) in elements.enumerated() {
                if position > 0 { bytes.append(UInt8(ascii: ",")) }
                JSONWriter.appendLine(level: level + 1, to: &bytes)
                element.appendPretty(to: &bytes, level: level + 1)
            }
            JSONWriter.appendLine(level: level, to: &bytes)
            bytes.append(UInt8(ascii: "]"))
        case .object(let object) where !object.isEmpty:
            bytes.append(UInt8(ascii: "{"))
            for (position, member) in object.members.enumerated() {
                if position > 0 { bytes.append(UInt8(ascii: ",")) }
                JSONWriter.appendLine(level: level + 1, to: &bytes)
                JSONWriter.append(harmless: member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                bytes.append(UInt8(ascii: " "))
                member.value.appendPretty(to: &bytes, level: level + 1)
            }
            JSONWriter.appendLine(level: level, to: &bytes)
            bytes.append(UInt8(ascii: "}"))
        case .string(let value): JSONWriter.append(harmless: value, to: &bytes)
        default: appendCompact(to: &bytes)
        }
    }

    private func appendScalar(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): JSONWriter.append(integer: value, to: &bytes)
        case .number(let value): bytes.append(contentsOf: value.description.utf8)
        case .string(let value): JSONWriter.append(string: value, to: &bytes)
        case .array, .object: preconditionFailure("\(typeDescription) is no scalar")
        }
    }
}

extension JSONObject {
    fileprivate func appendCanonical(to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        for (position, member) in (isSorted ? members : sortedMembers).enumerated() {
            if position > 0 { bytes.append(UInt8(ascii: ",")) }
            JSONWriter.append(string: member.key, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            member.value.appendCanonical(to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// Canonical text read back is sorted already.
    private var isSorted: Bool {
        for position in members.indices.dropFirst()
        where !members[position - 1].key.utf8.lexicographicallyPrecedes(members[position].key.utf8) { return false }
        return true
    }
}

/// Writes the pieces of a JSON text.
public enum JSONWriter {
    /// A string in quotes, with no more escapes than RFC 8259 demands.
    public static func append(string: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var string = string
        string.withUTF8 { utf8 in
            var copied = 0
            for position in utf8.indices {
                let byte = utf8[position]
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
                bytes.append(contentsOf: utf8[copied..<position])
                append(escaped: byte, to: &bytes)
                copied = position + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[copied...]))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func append(escaped byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0a: bytes.append(UInt8(ascii: "n"))
        case 0x0c: bytes.append(UInt8(ascii: "f"))
        case 0x0d: bytes.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        default:
            bytes.append(contentsOf: "u00".utf8)
            for digit in [byte >> 4, byte & 15] { bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit) }
        }
    }

    public static func append(integer: Int64, to bytes: inout [UInt8]) {
        if integer >= 0, integer < 10 {
            bytes.append(0x30 + UInt8(integer))
            return
        }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = integer.magnitude
            var start = digits.count
            repeat {
                start -= 1
                digits[start] = 0x30 + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            if integer < 0 {
                start -= 1
                digits[start] = UInt8(ascii: "-")
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: UnsafeBufferPointer(digits)[start...]))
        }
    }

    fileprivate static func appendLine(level: Int, to bytes: inout [UInt8]) {
        bytes.append(0x0a)
        bytes.append(contentsOf: repeatElement(0x20, count: 2 * level))
    }

    /// A string in quotes in which everything is escaped that a terminal obeys or eyes can't see; it reads back as the
    /// same string.
    public static func append(harmless string: String, to bytes: inout [UInt8]) {
        guard !string.isHarmless else { return append(string: string, to: &bytes) }
        bytes.append(UInt8(ascii: "\""))
        for scalar in string.unicodeScalars {
            if scalar.isHarmless || scalar.value < 0x20 {
                var quoted: [UInt8] = []
                append(string: String(scalar), to: &quoted)
                bytes += quoted.dropFirst().dropLast()
            } else {
                for unit in String(scalar).utf16 {
                    bytes += "\\u".utf8
                    bytes += Hex.encode([UInt8(unit >> 8), UInt8(unit & 0xff)]).utf8
                }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
