import Glibc
public import Primitives

/// The two clocks of the host. Only shells read them.
public enum SystemClock {
    /// Moves only forward, and not while the host is suspended.
    public static func now() -> Instant { Instant(milliseconds: read(CLOCK_MONOTONIC)) }

    /// Within the years 1970 to 9999, whatever the host's clock says: a clock that is not set may stand before that,
    /// and a time that can't be written as a date labels nothing.
    public static func wallTime() -> WallTime { labelling(read(CLOCK_REALTIME)) }

    static func labelling(_ milliseconds: Int64) -> WallTime {
        WallTime(milliseconds: min(max(0, milliseconds), 253_402_300_799_999))
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
