/// Finds where the last lines of a log begin, from pieces that are read backwards.
struct TailSearch: Equatable {
    /// Where the lines begin that were found so far.
    private(set) var start: Int64
    private let end: Int64
    /// Lines whose beginning is not found yet; 0 ends the search.
    private var linesLeft: Int

    /// - Parameters:
    ///   - lines: How many lines are wanted; a last one without a line feed counts.
    ///   - end: Where the log ends.
    init(lines: Int, end: Int64) {
        linesLeft = max(0, lines)
        start = end
        self.end = end
    }

    /// The piece before what was searched; nil when the search is over.
    ///
    /// - Parameter kept: Nothing before this is there.
    func wanted(from kept: Int64, pieceBytes: Int) -> Range<Int64>? {
        guard linesLeft > 0, start > max(0, kept) else { return nil }
        return max(kept, 0, start - Int64(pieceBytes))..<start
    }

    /// Takes the piece that was wanted, or as much of its end as is still there.
    mutating func take(_ bytes: [UInt8], at offset: Int64) {
        let (begin, isBeforeAll) = start.subtractingReportingOverflow(Int64(bytes.count))
        guard !bytes.isEmpty, !isBeforeAll, offset == begin else {
            // What was to be searched is gone, so the lines begin where the searched part does.
            linesLeft = 0
            return
        }
        for index in bytes.indices.reversed() {
            let position = offset + Int64(index)
            // The line feed at the very end ends the last line and begins none.
            if bytes[index] == UInt8(ascii: "\n"), position + 1 < end {
                linesLeft -= 1
                if linesLeft == 0 {
                    start = position + 1
                    return
                }
            }
        }
        start = offset
    }
}
