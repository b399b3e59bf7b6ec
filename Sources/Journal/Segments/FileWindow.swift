import Host

/// A file read piece by piece, so that a long one takes no more memory than its largest piece.
struct FileWindow {
    static let windowBytes = 1 << 20

    /// The file's length when it was opened.
    let count: Int
    private let file: any DiskFile
    /// Where `bytes`, the piece that was read last, begins in the file.
    private var start = 0
    private var bytes: [UInt8] = []

    init(_ file: any DiskFile) throws(JournalError) {
        self.file = file
        do {
            count = try file.size()
        } catch {
            throw .disk(error)
        }
    }

    /// The bytes of a range that lies within the file.
    mutating func read(_ range: Range<Int>) throws(JournalError) -> [UInt8] {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) of \(count) bytes of \(file.path)")
        if range.lowerBound < start || range.upperBound > start + bytes.count {
            try fetch(from: range.lowerBound, count: min(max(range.count, Self.windowBytes), count - range.lowerBound))
        }
        return Array(bytes[range.lowerBound - start..<range.upperBound - start])
    }

    private mutating func fetch(from offset: Int, count: Int) throws(JournalError) {
        do {
            bytes = try file.read(at: offset, count: count)
        } catch {
            throw .disk(error)
        }
        start = offset
        // It was longer a moment ago.
        guard bytes.count == count else {
            throw .disk(DiskError(.read, file.path, code: DiskError.deviceFailureCode))
        }
    }

    /// Where the last byte stands that is not zero, at `start` or after it.
    mutating func lastNonZero(from start: Int) throws(JournalError) -> Int? {
        var last: Int?
        var offset = start
        while offset < count {
            let end = min(offset + Self.windowBytes, count)
            if let found = try read(offset..<end).lastNonZero { last = offset + found }
            offset = end
        }
        return last
    }
}

extension [UInt8] {
    /// Where the last byte stands that is not zero.
    var lastNonZero: Int? {
        withUnsafeBytes { buffer -> Int? in
            var end = buffer.count
            // Most of a segment is zeros, which go fast eight at a time.
            while end >= 8, buffer.loadUnaligned(fromByteOffset: end - 8, as: UInt64.self) == 0 { end -= 8 }
            while end > 0, buffer[end - 1] == 0 { end -= 1 }
            return end == 0 ? nil : end - 1
        }
    }
}
