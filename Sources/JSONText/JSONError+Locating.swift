import Primitives

extension JSONError {
    /// Works out line, column, path and what stands there.
    init(_ failure: JSONParser.Failure, in buffer: UnsafeRawBufferPointer) {
        self.init(
            reason: failure.reason, position: JSONPositions.position(of: failure.offset, in: buffer),
            found: Self.describe(failure.offset, in: buffer), allowed: failure.allowed,
            path: Self.path(to: failure.offset, in: buffer))
    }

    /// The byte or character at an offset, as a message shows it.
    private static func describe(_ offset: Int, in buffer: UnsafeRawBufferPointer) -> String {
        guard offset < buffer.count else { return "end of text" }
        let byte = buffer[offset]
        if (0x21...0x7e).contains(byte) { return "'\(Character(Unicode.Scalar(byte)))'" }
        let rest = buffer[offset..<min(offset + 4, buffer.count)]
        if byte >= 0x80, let scalar = String(validating: Array(rest.prefix(scalarLength(byte))), as: UTF8.self) {
            return scalar == "\u{feff}" ? "a byte order mark" : "'\(scalar.harmless)'"
        }
        switch byte {
        case 0x20: return "a space"
        case 0x0a: return "a line feed"
        case 0x09: return "a tab"
        default:
            let digits = String(byte, radix: 16)
            return "byte 0x\(digits.count == 1 ? "0" : "")\(digits)"
        }
    }

    private static func scalarLength(_ first: UInt8) -> Int {
        first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
    }

    /// The member or element that was being read at an offset; everything before it is well formed.
    private static func path(to offset: Int, in buffer: UnsafeRawBufferPointer) -> JSONPath {
        var parser = JSONParser(buffer, valueBytes: 0)
        // One step for each open object or array; a key is nil until it is read.
        var open: [JSONPath.Step?] = []
        var expectsKey = false
        while parser.position < offset, parser.position < parser.end {
            switch parser.text[parser.position] {
            case UInt8(ascii: "{"):
                open.append(nil)
                expectsKey = true
            case UInt8(ascii: "["):
                open.append(.index(0))
                expectsKey = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                _ = open.popLast()
                expectsKey = false
            case UInt8(ascii: ","):
                if case .index(let index)? = open.last ?? nil {
                    open[open.count - 1] = .index(index + 1)
                } else if !open.isEmpty {
                    open[open.count - 1] = nil
                    expectsKey = true
                }
            case UInt8(ascii: "\""):
                let start = parser.position
                // A broken key names nothing.
                if expectsKey, !open.isEmpty, let key = try? parser.string(allowed: "") {
                    open[open.count - 1] = .key(key)
                    expectsKey = false
                } else {
                    parser.position = start
                    parser.skipValue()
                }
                continue
            default: break
            }
            parser.position += 1
        }
        return JSONPath(open.compactMap(\.self))
    }
}
