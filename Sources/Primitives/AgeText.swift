/// How long something lasts, in the few letters that kubectl gives it: `90s`, `5m3s`, `95m`, `4h7m`, `30h`, `3d4h`,
/// `400d`, `2y35d`.
public enum AgeText {
    private static let minute: Int64 = 60
    private static let hour: Int64 = 3600
    private static let day: Int64 = 86_400
    private static let year: Int64 = 365 * 86_400

    /// Less than nothing counts as nothing: clocks differ a little.
    public static func of(seconds: Int64) -> String {
        let seconds = max(0, seconds)
        switch seconds {
        case ..<(2 * minute): return "\(seconds)s"
        case ..<(10 * minute): return pair(seconds, minute, "m", 1, "s")
        case ..<(3 * hour): return "\(seconds / minute)m"
        case ..<(8 * hour): return pair(seconds, hour, "h", minute, "m")
        case ..<(2 * day): return "\(seconds / hour)h"
        case ..<(8 * day): return pair(seconds, day, "d", hour, "h")
        case ..<(2 * year): return "\(seconds / day)d"
        case ..<(8 * year): return pair(seconds, year, "y", day, "d")
        default: return "\(seconds / year)y"
        }
    }

    /// Whole seconds count.
    public static func of(milliseconds: Int64) -> String { of(seconds: milliseconds / 1000) }

    /// How long ago a time was.
    public static func since(_ time: WallTime, now: WallTime) -> String {
        of(milliseconds: now.milliseconds.subtractingClamped(time.milliseconds))
    }

    /// How long ago an RFC 3339 time was; `<unknown>` for any other text and for none.
    public static func since(rfc3339 text: String?, now: WallTime) -> String {
        text.flatMap { WallTime(rfc3339: $0) }.map { since($0, now: now) } ?? "<unknown>"
    }

    private static func pair(_ seconds: Int64, _ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String)
        -> String
    {
        let rest = seconds % large / small
        return rest == 0 ? "\(seconds / large)\(largeUnit)" : "\(seconds / large)\(largeUnit)\(rest)\(smallUnit)"
    }
}
