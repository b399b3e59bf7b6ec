import Primitives

extension JSONWriter {
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
