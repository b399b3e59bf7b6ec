/// What can be asked of one machine beside its desired state; the word is the end of its path.
public enum MachineVerb: String, CaseIterable, Sendable {
    case start
    case restart
}

/// What a node does for a machine that it was asked about; the word is the member `outcome` of the answer.
public enum MachineVerbOutcome: String, CaseIterable, Sendable {
    /// The machine has no process, or one whose guest does not run, and is being started.
    case starting
    /// The process that is there is being replaced.
    case restarting
    /// It runs already, and nothing is done.
    case running
}
