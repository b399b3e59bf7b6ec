import Reconcile
import Testing

@testable import Agent

@Suite("Messages of failed fetches")
struct SourceFailureTests {
    @Test("messages have at most 1,024 bytes, on one line, cut between two signs")
    func bounded() {
        let failure = SourceFailure.fetchFailed("a\n" + String(repeating: "é", count: 2000))
        #expect(failure.message.utf8.count <= 1024)
        #expect(failure.message.hasPrefix("a\\né"))
        #expect(failure.message.hasSuffix("é..."))
        #expect(SourceFailure.badCommit("c", "short").message == "short")
    }

    @Test("joined messages tell how many there are beyond those that have room", arguments: [1, 2, 3, 40])
    func joined(count: Int) {
        let message = String(repeating: "x", count: 400)
        let text = SourceFailure.joined(Array(repeating: message, count: count), omitted: 5)
        #expect(text.utf8.count <= 1024)
        #expect(text.hasSuffix("; and \(5 + max(0, count - 2)) more"), "\(text.suffix(30))")
    }

    @Test("a message that has no room is cut, and alone it is whole as far as it goes")
    func long() {
        let long = String(repeating: "x", count: 3000)
        #expect(SourceFailure.joined([long, long]).hasSuffix("...; and 1 more"))
        #expect(SourceFailure.badCommit("c", SourceFailure.joined([long])).message.utf8.count == 1024)
        #expect(SourceFailure.joined([]) == "")
    }
}
