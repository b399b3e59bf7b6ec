/// Cuts bytes into lines.
struct LineSplitter {
    /// In bytes; beyond it the other side is not sending lines.
    static let largestLine = 64 << 20

    /// From `start` on, what is not handed out yet.
    private var bytes: [UInt8] = []
    private var start = 0
    /// Up to here there is no line feed.
    private var searched = 0

    /// Whether nothing is left over.
    var isEmpty: Bool { start == bytes.count }

    /// Answers false if the line at the end has become too long.
    mutating func append(_ more: [UInt8]) -> Bool {
        if start > 0 {
            bytes.removeFirst(start)
            searched -= start
            start = 0
        }
        bytes += more
        return bytes.count <= Self.largestLine
    }

    /// The next whole line, without its line feed.
    mutating func next() -> [UInt8]? {
        guard let end = bytes[searched...].firstIndex(of: 0x0a) else {
            searched = bytes.count
            return nil
        }
        defer {
            start = end + 1
            searched = start
        }
        return Array(bytes[start..<end])
    }
}
