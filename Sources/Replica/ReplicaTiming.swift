/// The clockwork of a node; every member of a cluster uses the same.
public enum ReplicaTiming {
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
    /// A machine is looked at again after this long, even if nothing was heard of it.
    public static let resyncMilliseconds: Int64 = 30_000
    /// The log is cut behind a snapshot once it holds this many entries or bytes.
    public static let snapshotEntries = 10_000
    public static let snapshotBytes = 64 << 20
    /// Entries kept behind a snapshot, so that a follower that is a little behind needs none.
    public static let trailingEntries = 1000
}
