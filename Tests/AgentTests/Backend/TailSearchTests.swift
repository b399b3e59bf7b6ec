import Primitives
import Testing

@testable import Agent

@Suite("The last lines of a log")
struct TailSearchTests {
    /// What a log that keeps its bytes from `kept` on is asked for.
    private func tail(_ log: [UInt8], kept: Int, lines: Int, pieceBytes: Int) -> (text: String, pieces: Int) {
        var search = TailSearch(lines: lines, end: Int64(log.count))
        var pieces = 0
        while let range = search.wanted(from: Int64(kept), pieceBytes: pieceBytes) {
            pieces += 1
            search.take(Array(log[Int(range.lowerBound)..<Int(range.upperBound)]), at: range.lowerBound)
        }
        return (String(decoding: log[Int(search.start)...], as: UTF8.self), pieces)
    }

    @Test(
        "The last lines of a log are counted from the end, and a last one without its line feed counts",
        arguments: [
            ("a\nb\nc\n", 2, "b\nc\n"), ("a\nb\nc", 2, "b\nc"), ("a\nb\nc\n", 9, "a\nb\nc\n"), ("a\nb\nc", 0, ""),
            ("a\nb\nc\n", 0, ""), ("", 3, ""), ("\n\n\n", 1, "\n"), ("\n\n\n", 2, "\n\n"), ("abc", 1, "abc"),
            ("a\nb\n", Int.max, "a\nb\n"), ("a\nb\n", -1, ""),
        ])
    func lines(log: String, lines: Int, tail: String) {
        for pieceBytes in 1...8 {
            #expect(self.tail(Array(log.utf8), kept: 0, lines: lines, pieceBytes: pieceBytes).text == tail)
        }
    }

    @Test("A search for last lines asks for nothing before what is kept, and for no more than the lines need")
    func bounded() {
        let log = Array(String(repeating: "0123456\n", count: 1000).utf8)
        #expect(tail(log, kept: 7992, lines: 50, pieceBytes: 64).text == "0123456\n")
        #expect(tail(log, kept: 0, lines: 8, pieceBytes: 64).pieces == 2)
        #expect(tail(log, kept: 8000, lines: 8, pieceBytes: 64).pieces == 0)
    }

    @Test("A piece from where no piece can be ends the search")
    func impossible() {
        for (end, offset) in [(Int64.max, Int64.max), (5, .max), (.max, .min), (5, .min)] {
            var search = TailSearch(lines: 3, end: end)
            search.take([0x0a, 0x0a], at: offset)
            #expect(search.wanted(from: 0, pieceBytes: 20) == nil && search.start == end)
        }
    }

    @Test("What was dropped while it was searched ends the search")
    func dropped() {
        var search = TailSearch(lines: 100, end: 50)
        #expect(search.wanted(from: 0, pieceBytes: 20) == 30..<50)
        search.take([UInt8](repeating: 0x78, count: 20), at: 30)
        #expect(search.wanted(from: 0, pieceBytes: 20) == 10..<30)
        search.take([], at: 40)
        #expect(search.wanted(from: 0, pieceBytes: 20) == nil && search.start == 30)
    }
}
