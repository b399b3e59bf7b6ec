import Glibc
public import Primitives

/// The two clocks of the host. Only shells read them.
public enum SystemClock {
    /// Moves only forward, and not while the host is suspended.
    public static func now() -> Instant { Instant(milliseconds: read(CLOCK_MONOTONIC)) }

    public static func wallTime() -> WallTime { WallTime(milliseconds: read(CLOCK_REALTIME)) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
