import Primitives
import Testing

@Suite("Numbers that do not fit")
struct CheckedArithmeticTests {
    @Test("a sum, difference or product that does not fit is the nearest number that does")
    func clamped() {
        #expect(Int64.max.addingClamped(1) == .max)
        #expect(Int64.min.addingClamped(-1) == .min)
        #expect(Int64(3).addingClamped(-5) == -2)
        #expect(UInt64(3).subtractingClamped(5) == 0)
        #expect(Int64.min.subtractingClamped(1) == .min)
        #expect(Int64(0).subtractingClamped(.min) == .max)
        #expect(Int64.max.multipliedClamped(by: 2) == .max)
        #expect(Int64.max.multipliedClamped(by: -2) == .min)
        #expect(Int64.min.multipliedClamped(by: -1) == .max)
        #expect(UInt8(20).multipliedClamped(by: 20) == .max)
        #expect(Int64(-3).multipliedClamped(by: 4) == -12)
    }

    @Test("moments and delays at the ends of their range stay there")
    func instants() {
        let last = Instant(milliseconds: .max)
        #expect(last + 1 == last)
        #expect(Instant.zero + .min == Instant(milliseconds: .min))
        #expect(last - Instant(milliseconds: -1) == .max)
        #expect(Backoff(baseMilliseconds: 1, capMilliseconds: .max).delay(afterFailures: .max) == .max)
    }

    @Test("every moment has a text", arguments: [Int64.min, .min + 1, -1, 0, 1, -86_400_000, .max])
    func times(milliseconds: Int64) {
        let time = WallTime(milliseconds: milliseconds)
        #expect(time.rfc3339.hasSuffix("Z"))
        #expect(time.rfc3339Milliseconds.hasPrefix(String(time.rfc3339.dropLast())))
    }

    @Test("moments before 1970 are told to the millisecond")
    func early() {
        #expect(WallTime(milliseconds: -1).rfc3339Milliseconds == "1969-12-31T23:59:59.999Z")
        #expect(WallTime(milliseconds: -1000).rfc3339Milliseconds == "1969-12-31T23:59:59.000Z")
        #expect(WallTime(rfc3339: "1969-12-31T23:59:59.999Z") == WallTime(milliseconds: -1))
    }

    @Test("text of other bytes is other text, also where Unicode calls it equivalent")
    func exactText() {
        let composed = "Jos\u{e9}"
        let decomposed = "Jose\u{301}"
        #expect(composed == decomposed)
        #expect(!composed.hasSameBytes(as: decomposed))
        // The Kelvin sign is canonically the letter K.
        #expect(!"K".hasSameBytes(as: "\u{212a}"))
        #expect("0123456789abcdef".hasSameBytes(as: "0123456789abcdef"))
        #expect(!"0123456789abcdef".hasSameBytes(as: "0123456789abcdeg"))
        #expect(Set([composed, decomposed, composed].map(ExactText.init)).count == 2)
        let labels = [composed: composed]
        #expect(labels[exactly: composed] == composed && labels[exactly: decomposed] == nil)
        #expect(labels.includesBytes(of: [:]) && labels.includesBytes(of: labels))
        #expect(!labels.includesBytes(of: [composed: decomposed]) && !labels.includesBytes(of: [decomposed: composed]))
        #expect([composed].containsBytes(of: composed) && ![composed].containsBytes(of: decomposed))
        #expect([ExactText(composed), ExactText(decomposed)].sorted().map(\.text.utf8.count) == [6, 5])
        #expect(!["a": composed].hasSameBytes(as: ["a": decomposed]))
        #expect(![composed: "a"].hasSameBytes(as: [decomposed: "a"]))
        #expect(["a": "1", "b": "2"].hasSameBytes(as: ["b": "2", "a": "1"]))
        #expect(!["a": "1"].hasSameBytes(as: ["a": "1", "b": "2"]))
    }
}
