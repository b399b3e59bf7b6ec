import CLinux

/// What becomes of memory that this process no longer uses.
public enum FreeMemory {
    /// Requests, entries and answers of large sets are of this size and above; what is smaller is used again soon.
    private static let largeBytes: Int32 = 1 << 20

    /// Gives large blocks back to the system as soon as they are free, from now on.
    ///
    /// By itself the C library keeps them once it has seen some come and go, for each of its threads, and a node that
    /// has applied a large set holds a third more memory for as long as it runs.
    ///
    /// - Returns: Whether the C library does so.
    @discardableResult
    public static func returnLargeBlocks() -> Bool {
        clinux_return_memory_from(largeBytes) != 0
    }
}
