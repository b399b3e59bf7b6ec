import Primitives
import Testing

@testable import API

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
        #expect(AgeText.of(milliseconds: age.seconds * 1000) == age.text)
    }
}
