/// The clockwork of a node; every member of a cluster uses the same.
public enum ReplicaTiming {
    /// A snapshot of whose transfer nothing was heard for this many ticks is taken for lost. The shell tells how each
    /// transfer ended; this is for a report that never came.
    public static let snapshotTicks = 600
    /// A leader whose journal has work and has completed none for this many ticks lets another lead.
    public static let diskStallTicks = 15
    public static let tickMilliseconds: Int64 = 100
    /// A follower that hears nothing from a leader for 1 to 2 seconds asks for votes.
    public static let electionTicks = 10
    public static let heartbeatTicks = 1
    /// A write that is not known to be applied after this long is answered with "outcome unknown".
    public static let writeMilliseconds: Int64 = 8000
    /// A read that no quorum confirmed in this long is answered with "no quorum".
    public static let readMilliseconds: Int64 = 3000
    /// A round of confirmation that got no answer is started anew.
    public static let readRoundMilliseconds: Int64 = 400
    /// How often the leader tells the others who is silent.
    public static let livenessMilliseconds: Int64 = 1000
    /// A report that was not acknowledged is sent again.
    public static let reportMilliseconds: Int64 = 10_000
    /// A snapshot that could not be stored is tried again after this long.
    public static let snapshotRetryMilliseconds: Int64 = 30_000
    /// A machine is looked at again after this long, even if nothing was heard of it: a process that was stopped by a
    /// signal reports nothing.
    public static let resyncMilliseconds: Int64 = 2000
}

/// When a node stores its state and cuts its log.
public struct SnapshotPolicy: Equatable, Sendable {
    /// The log is cut behind a snapshot once it holds this many entries, or this many bytes were added to it.
    public var entries: Int
    public var bytes: Int
    /// Entries kept behind a snapshot, so that a follower that is a little behind needs none.
    public var trailingEntries: Int
    /// How many bytes these may be together. Entries differ in size by a factor of thousands, and all of the log that
    /// is not cut is kept in memory.
    public var trailingBytes: Int

    public init(entries: Int, bytes: Int, trailingEntries: Int, trailingBytes: Int) {
        precondition(
            entries > 0 && bytes > 0 && trailingEntries >= 0 && trailingBytes >= 0,
            "a snapshot each \(entries) entries or \(bytes) bytes, \(trailingEntries) or \(trailingBytes) bytes kept")
        self.entries = entries
        self.bytes = bytes
        self.trailingEntries = trailingEntries
        self.trailingBytes = trailingBytes
    }

    /// What nodes do.
    public static let standard = SnapshotPolicy(
        entries: 10_000, bytes: 64 << 20, trailingEntries: 1000, trailingBytes: 16 << 20)
}
