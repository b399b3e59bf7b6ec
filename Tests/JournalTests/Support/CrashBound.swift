import DiskFaults
import Glibc
import Primitives

/// How far the states that a crash may leave are enumerated.
enum CrashBound {
    /// Up to so many uncertain things, every combination is tried.
    static let exhaustive = 12
    /// Beyond, so many combinations by seed: `BLIXARD_CRASH_SAMPLES`, else as many as there are at the bound.
    static let samples = getenv("BLIXARD_CRASH_SAMPLES").flatMap { Int(String(cString: $0)) } ?? 4096

    /// How many random histories of a log are lived through: `BLIXARD_CRASH_SEEDS`, else a few.
    static let seeds = getenv("BLIXARD_CRASH_SEEDS").flatMap { UInt64(String(cString: $0)) } ?? 12

    /// Calls `body` with each state in which a crash may leave a disk, or with samples of them; answers how many.
    @discardableResult
    static func forEachImage(
        _ image: DiskImage, seed: UInt64, samples: Int = samples, _ body: (DiskImage) throws -> Void
    ) rethrows -> Int {
        let uncertain = image.uncertainties
        var generator = SeededGenerator(seed: seed)
        let areAll = uncertain <= exhaustive && 1 << uncertain <= max(samples, 1)
        let count = areAll ? 1 << uncertain : samples
        for number in 0..<count {
            var position = 0
            try body(
                image.crashed {
                    defer { position += 1 }
                    return areAll ? number >> position & 1 == 1 : Bool.random(using: &generator)
                })
        }
        return count
    }
}
