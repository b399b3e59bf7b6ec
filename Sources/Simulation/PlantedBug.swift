/// A mistake put into the shells on purpose, to prove that the checks can fail.
public enum PlantedBug: String, Hashable, Sendable, CaseIterable {
    /// Work is acknowledged when it is handed to the journal instead of when it is durable.
    case acknowledgeBeforeSync
    /// Votes are never written down, so a restarted node may vote again.
    case forgetVote
    /// A restarted node has its disk as it was at the start before.
    case rolledBackDisk
    /// Reads look at the local state without asking a quorum.
    case readWithoutQuorum
    /// A retry of a write carries a new request id.
    case retryAsNewRequest
    /// Every start is carried out on the next host too.
    case startElsewhereToo
    /// A deleted machine is said to be gone and is not.
    case keepDeletedMachines
    /// The driver never answers some of what it is asked.
    case loseDriverAnswers
    /// A restarted agent deletes every machine that its last snapshot does not know.
    case deleteStrangers
}
