import Primitives
import Testing

@Suite struct ChanceTests {
    @Test("A seed gives the same numbers every time, another seed gives others")
    func seeds() {
        var left = SeededGenerator(seed: 42)
        var right = SeededGenerator(seed: 42)
        var other = SeededGenerator(seed: 43)
        let numbers = (0..<100).map { _ in left.next() }
        #expect(numbers == (0..<100).map { _ in right.next() })
        #expect(numbers != (0..<100).map { _ in other.next() })
        #expect(Set(numbers).count == 100)
    }

    @Test("A part's generator does not shift the numbers of the rest")
    func split() {
        var left = SeededGenerator(seed: 7)
        var right = SeededGenerator(seed: 7)
        var part = left.split()
        _ = right.split()
        _ = (0..<10).map { _ in part.next() }
        #expect(left.next() == right.next())
    }

    @Test("Delays double up to the cap, with jitter of at most a half, and start over after success")
    func backoff() {
        var backoff = Backoff(baseMilliseconds: 100, capMilliseconds: 1000)
        var generator = SeededGenerator(seed: 3)
        for full in [100, 200, 400, 800, 1000, 1000] as [Int64] {
            let delay = backoff.next(using: &generator)
            #expect((full / 2...full).contains(delay))
        }
        #expect(backoff.failures == 6)
        backoff.reset()
        #expect(backoff.next(using: &generator) <= 100)
        #expect(backoff.delay(afterFailures: 1000) == 1000)
    }

    @Test(
        "A slip finds the word that was meant, a stranger finds none",
        arguments: [
            ("memroy", "memory"), ("Memory", "memory"), ("vcpu", "vcpus"), ("nodename", "nodeName"), ("xyz", nil),
            ("", nil),
        ] as [(String, String?)])
    func nearMiss(word: String, meant: String?) {
        #expect(EditDistance.nearest(to: word, among: ["vcpus", "memory", "boot", "nodeName", "disks"]) == meant)
    }

    @Test("Edit distance counts insertions, removals, replacements and swaps of neighbours")
    func distances() {
        #expect(EditDistance.between("", "abc") == 3)
        #expect(EditDistance.between("kitten", "sitting") == 3)
        #expect(EditDistance.between("abcd", "abdc") == 1)
        #expect(EditDistance.between("same", "same") == 0)
    }

    @Test("a word of megabytes is near to nothing short, and is not measured to find that out")
    func largeWord() {
        // Measuring this would take more than a gigabyte for each candidate.
        let word = String(repeating: "memory", count: 2_000_000)
        #expect(EditDistance.nearest(to: word, among: ["vcpus", "memory", "boot", "nodeName", "disks"]) == nil)
    }
}
