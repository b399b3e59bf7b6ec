import Primitives
import Testing

@testable import blixard

@Suite("Log lines of a node")
struct NodeLogTests {
    @Test("A log line of a node is one line that a terminal only shows, whatever stands in what it tells")
    func harmless() {
        let line = NodeLog.line(
            at: WallTime(milliseconds: 1_700_000_000_123), level: "info",
            words: ["reason": "a\n2023 info blixard: all is well", "error": "\u{1b}[2J\u{9b}K\u{202e}x\r\u{2028}"],
            source: "Agent", message: "machine")
        #expect(
            line == "2023-11-14T22:13:20.123Z info blixard: "
                + #"error=\u{1b}[2J\u{9b}K\u{202e}x\r\u{2028} reason=a\n2023 info blixard: all is well "#
                + "[Agent] machine")
        #expect(line.isHarmless)
    }
}
