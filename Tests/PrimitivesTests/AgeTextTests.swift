import Primitives
import Testing

@Suite("Age text")
struct AgeTextTests {
    @Test(
        "Ages read as kubectl's do",
        arguments: [
            (0, "0s"), (-5, "0s"), (119, "119s"), (120, "2m"), (303, "5m3s"), (599, "9m59s"), (600, "10m"),
            (5700, "95m"), (10_799, "179m"), (10_800, "3h"), (14_820, "4h7m"), (28_799, "7h59m"), (28_800, "8h"),
            (108_000, "30h"), (172_799, "47h"), (172_800, "2d"), (273_600, "3d4h"), (691_199, "7d23h"),
            (691_200, "8d"), (34_560_000, "400d"), (63_071_999, "729d"), (63_072_000, "2y"), (66_096_000, "2y35d"),
            (315_360_000, "10y"),
        ])
    func ages(_ age: (seconds: Int64, text: String)) {
        #expect(AgeText.of(seconds: age.seconds) == age.text)
        #expect(AgeText.of(milliseconds: age.seconds * 1000) == age.text)
    }

    @Test("The age of a time is told, of anything else it is unknown, and no number is too large")
    func times() {
        let now = WallTime(milliseconds: 1_000_000)
        #expect(AgeText.since(WallTime(milliseconds: 697_000), now: now) == "5m3s")
        #expect(AgeText.since(WallTime(milliseconds: .max), now: now) == "0s")
        #expect(AgeText.since(WallTime(milliseconds: .min), now: now).hasSuffix("y"))
        #expect(AgeText.since(rfc3339: "1970-01-01T00:11:37Z", now: now) == "5m3s")
        #expect(AgeText.since(rfc3339: "yesterday", now: now) == "<unknown>")
        #expect(AgeText.since(rfc3339: nil, now: now) == "<unknown>")
        #expect(AgeText.of(seconds: .max).hasSuffix("y") && AgeText.of(seconds: .min) == "0s")
    }
}
