// Text that others wrote, as people may see it. A terminal obeys what it prints, and eyes believe it: the author of an
// annotation, a file name or an error message must not move the cursor, colour the screen, turn the order of signs
// around, or make one line look like two.

extension String {
    /// This text on one line, without anything that a terminal obeys or that can't be seen.
    ///
    /// What has no sign of its own becomes a visible escape: `\n`, `\r`, `\t`, and `\u{1b}` for every other control
    /// (C0, DEL, C1), line or paragraph separator, bidirectional control, zero-width or otherwise ignorable sign, byte
    /// order mark, private or unassigned code point. A backslash stays as it is: escapes are for eyes, not for reading
    /// back. Harmless text comes back unchanged, so doing this twice is doing it once.
    public var harmless: String { harmless(keepsLines: false) }

    /// As `harmless`, for text that is meant to have several lines: line feeds and tabs stay, and a carriage return
    /// before a line feed goes.
    public var harmlessLines: String { harmless(keepsLines: true) }

    /// As `harmless`, and at most `limit` scalars long; `...` at the end says that more was there.
    ///
    /// - Precondition: `limit` is at least 3.
    public func harmless(limit: Int) -> String {
        precondition(limit >= 3, "\(limit) scalars have no room for the mark of a cut")
        // Each scalar makes at least one, so what lies behind the limit need not be looked at.
        let head = unicodeScalars.prefix(limit + 1)
        let text = String(String.UnicodeScalarView(head)).harmless
        guard text.unicodeScalars.count > limit else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit - 3))) + "..."
    }

    /// Bytes that ought to be UTF-8, such as a file name, as `harmless` shows text, with `\xe9` for each byte that is
    /// part of no scalar.
    public static func harmless(bytes: some Sequence<UInt8>) -> String {
        let bytes = Array(bytes)
        var result = ""
        var position = 0
        var rest = bytes.makeIterator()
        var parser = UTF8.ForwardParser()
        while true {
            switch parser.parseScalar(from: &rest) {
            case .valid(let encoded):
                result.unicodeScalars.append(UTF8.decode(encoded))
                position += encoded.count
            case .error(let length):
                for byte in bytes[position..<position + length] { result += "\\x" + Hex.encode([byte]) }
                position += length
            case .emptyInput: return result.harmless
            }
        }
    }

    /// Whether `harmless` changes nothing.
    public var isHarmless: Bool { unicodeScalars.allSatisfy(\.isHarmless) }

    private func harmless(keepsLines: Bool) -> String {
        // Nearly all text is this, and a table has many cells.
        if utf8.allSatisfy({ (0x20...0x7e).contains($0) }) { return self }
        var result = String.UnicodeScalarView()
        var scalars = unicodeScalars.makeIterator()
        var next = scalars.next()
        while let scalar = next {
            next = scalars.next()
            switch scalar {
            case "\n", "\t":
                if keepsLines {
                    result.append(scalar)
                } else {
                    result.append(contentsOf: (scalar == "\n" ? "\\n" : "\\t").unicodeScalars)
                }
            case "\r":
                if !keepsLines || next != "\n" { result.append(contentsOf: "\\r".unicodeScalars) }
            default:
                if scalar.isHarmless {
                    result.append(scalar)
                } else {
                    result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
                }
            }
        }
        return String(result)
    }
}

extension Unicode.Scalar {
    /// Whether people see this scalar as what it is, and a terminal only prints it.
    public var isHarmless: Bool {
        if value < 0x7f { return value >= 0x20 }
        // Among others the zero-width signs, fillers and variation selectors that are letters or marks to Unicode.
        if properties.isDefaultIgnorableCodePoint { return false }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: return false
        default: return true
        }
    }
}
