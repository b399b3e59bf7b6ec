/// Line and column of any byte of one text, for many questions about it.
///
/// One pass over the text notes where it stands at every `stride` bytes; each answer then looks at less than that.
public struct JSONLines: Sendable {
    private let text: [UInt8]
    private let checkpoints: [(line: Int, column: Int)]

    private static let stride = 1024

    public init(_ text: [UInt8]) {
        self.text = text
        var checkpoints: [(line: Int, column: Int)] = []
        checkpoints.reserveCapacity(text.count / Self.stride + 1)
        var place = (line: 1, column: 1)
        text.withUnsafeBytes { buffer in
            for start in Swift.stride(from: 0, through: buffer.count, by: Self.stride) {
                checkpoints.append(place)
                place = Self.advance(place, over: buffer[start..<min(start + Self.stride, buffer.count)])
            }
        }
        self.checkpoints = checkpoints
    }

    public func position(ofByte offset: Int) -> JSONPosition {
        let offset = min(max(0, offset), text.count)
        let checkpoint = offset / Self.stride
        let place = text.withUnsafeBytes { buffer in
            Self.advance(checkpoints[checkpoint], over: buffer[checkpoint * Self.stride..<offset])
        }
        return JSONPosition(line: place.line, column: place.column, offset: offset)
    }

    private static func advance(
        _ place: (line: Int, column: Int), over bytes: Slice<UnsafeRawBufferPointer>
    ) -> (line: Int, column: Int) {
        var (line, column) = place
        for byte in bytes {
            if byte == 0x0a {
                line += 1
                column = 1
            } else if byte & 0xc0 != 0x80 {
                column += 1
            }
        }
        return (line, column)
    }
}
