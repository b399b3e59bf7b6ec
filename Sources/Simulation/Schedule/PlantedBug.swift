/// A mistake put into the shells on purpose, to prove that the checks can fail.
public enum PlantedBug: String, Hashable, Sendable, CaseIterable {
    // Promises.
    /// Work is acknowledged when it is handed to the journal instead of when it is durable.
    case acknowledgeBeforeSync
    /// What waits for a write to be durable (votes, acknowledgements) leaves before it.
    case answerBeforeSync
    /// A candidate asks for votes before its term and its own vote are durable.
    case requestVotesBeforeSync
    /// Votes are never written down, so a restarted node may vote again.
    case forgetVote

    // Messages.
    /// Every vote that is refused counts as given.
    case grantRefusedVotes
    /// An entry's last byte is another one after its way.
    case spoilEntries
    /// A heartbeat says that all of the receiver's log is committed.
    case commitAhead
    /// One label of one object is another one after a snapshot's way.
    case spoilSnapshots

    // Disks.
    /// A restarted node has its disk as it was at the start before.
    case rolledBackDisk
    /// Syncs return at once.
    case syncNothing
    /// Names are never made durable.
    case syncNoDirectory
    /// A node whose sync has failed goes on as if it had not.
    case goOnAfterFailedSync
    /// Damage in the middle of a log is taken for an interrupted write, and cut off.
    case acceptDamage
    /// A node whose log is refused comes back under its old id with an empty one.
    case reuseIdentity

    // Reads, writes and members.
    /// Reads look at the local state without asking a quorum.
    case readWithoutQuorum
    /// A retry of a write carries a new request id.
    case retryAsNewRequest
    /// A snapshot arrives with another membership than it was taken with.
    case snapshotWithoutMembership

    // Machines.
    /// Every start is carried out on the next host too.
    case startElsewhereToo
    /// A restarted agent starts every machine that its last snapshot binds to it.
    case startWithoutCatchingUp
    /// Every start is under the epoch after the one that was committed.
    case startUnderNextEpoch
    /// A deleted machine is said to be gone and is not.
    case keepDeletedMachines
    /// The driver never answers some of what it is asked.
    case loseDriverAnswers
    /// A restarted agent deletes every machine that its last snapshot does not know.
    case deleteStrangers

    // Sets.
    /// A client lifts the guards of every set that it applies.
    case liftSetGuards
    /// A client applies every set under the name of one of them.
    case applyOtherSet
    /// A client sends half of a set's manifests.
    case halfASet

    // Repositories.
    /// A fetch brings any commit in place of the newest.
    case fetchOlderCommit

    // Plans.
    /// A plan knows nothing of what happened to machines before.
    case planForgetsHistory
    /// A plan does not count on one of the nodes that the leader counts on.
    case planForgetsNode

    // The program itself.
    /// Each fourth seed ends the program when its faults end.
    case trap
    /// Each fourth seed never ends then.
    case hang
}
