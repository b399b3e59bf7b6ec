extension JSONParser {
    /// Moves behind the value at `position` of a text that was read before without error.
    mutating func skipValue() {
        var depth = 0
        while position < end {
            switch text[position] {
            case UInt8(ascii: "\""): skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
                continue
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                position += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x0a, 0x0d, 0x09:
                position += 1
                continue
            default: skipWord()
            }
            if depth <= 0 { return }
        }
    }

    /// Moves behind the string whose opening quote is at `position`.
    private mutating func skipString() {
        position += 1
        while position < end, text[position] != UInt8(ascii: "\"") {
            position += text[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        position = min(position + 1, end)
    }

    /// Moves behind a number or a literal.
    private mutating func skipWord() {
        position += 1
        while position < end {
            switch text[position] {
            case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "]"), UInt8(ascii: "}"), 0x20, 0x0a, 0x0d, 0x09:
                return
            default: position += 1
            }
        }
    }
}
