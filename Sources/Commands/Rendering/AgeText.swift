import Primitives

/// How long something took or how old it is, in the few signs that kubectl spends on it.
enum AgeText {
    static func text(seconds: Int64) -> String {
        let seconds = max(0, seconds)
        let minutes = seconds / 60
        let hours = seconds / 3600
        let days = hours / 24
        switch seconds {
        case ..<120: return "\(seconds)s"
        case ..<600: return "\(minutes)m" + rest(seconds % 60, "s")
        case ..<(3 * 3600): return "\(minutes)m"
        case ..<(8 * 3600): return "\(hours)h" + rest(minutes % 60, "m")
        case ..<(48 * 3600): return "\(hours)h"
        case ..<(8 * 86_400): return "\(days)d" + rest(hours % 24, "h")
        case ..<(2 * 365 * 86_400): return "\(days)d"
        case ..<(8 * 365 * 86_400): return "\(days / 365)y" + rest(days % 365, "d")
        default: return "\(days / 365)y"
        }
    }

    /// The age of an RFC 3339 time; `<unknown>` for anything else.
    static func text(since time: String?, now: WallTime) -> String {
        guard let time, let past = WallTime(rfc3339: time) else { return "<unknown>" }
        return text(seconds: now.milliseconds.subtractingClamped(past.milliseconds) / 1000)
    }

    private static func rest(_ count: Int64, _ unit: String) -> String { count == 0 ? "" : "\(count)\(unit)" }
}
