/// How slow a source may be. Pure.
struct FetchPace: Sendable {
    /// Before this nothing is said about the pace.
    var patienceMilliseconds: Int64
    var leastBytesPerSecond: Int64
    /// The longest that all of a source may take.
    var longestMilliseconds: Int64

    static let standard = FetchPace(
        patienceMilliseconds: 60_000, leastBytesPerSecond: 32 << 10, longestMilliseconds: 6 * 3600 * 1000)

    /// Why a source that gave so many bytes in this time is given up; nil if it is not.
    func problem(bytes: Int64, milliseconds: Int64) -> String? {
        if milliseconds > longestMilliseconds {
            return "it did not come whole within \(longestMilliseconds / 60_000) minutes"
        }
        guard milliseconds > patienceMilliseconds, bytes / (milliseconds / 1000) < leastBytesPerSecond else {
            return nil
        }
        return "it is too slow: \(bytes) bytes in \(milliseconds / 1000) seconds, "
            + "at least \(leastBytesPerSecond) a second are needed"
    }
}
