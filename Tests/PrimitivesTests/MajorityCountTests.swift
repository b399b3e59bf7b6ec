import Primitives
import Testing

@Suite("Majorities")
struct MajorityCountTests {
    @Test("a majority is the smallest count of which two cannot be disjoint", arguments: 1...9)
    func smallest(count: Int) {
        let least = majority(of: count)
        #expect(2 * least > count && 2 * (least - 1) <= count)
    }

    @Test("no voters have no majority")
    func empty() {
        #expect(majority(of: 0) > 0)
    }
}
