/// One step that a node takes for one machine, and why.
public struct MachineStep: Equatable, Sendable {
    public var action: MachineAction
    /// A clause for people: "the machine is not there yet".
    public var reason: String

    public init(_ action: MachineAction, _ reason: String) {
        self.action = action
        self.reason = reason
    }
}

/// What a node can do for one machine.
public enum MachineAction: Equatable, Sendable {
    /// Ask the driver how the machine is.
    case look
    /// Fetch the images of these names.
    case fetchImages([String])
    case start
    case resume
    case stop(graceMilliseconds: Int64)
    /// Remove the machine's files and disks.
    case delete
    /// Tell the cluster that machine and disks are gone.
    case reportRemoved
    /// Nothing before this many milliseconds are over.
    case wait(milliseconds: Int64)
    /// Nothing, until the spec or the machine changes from outside: the loop can't or must not mend this.
    case leave

    /// The word that plans and events use.
    public var verb: String {
        switch self {
        case .look: "look"
        case .fetchImages: "fetch-images"
        case .start: "start"
        case .resume: "resume"
        case .stop: "stop"
        case .delete: "delete"
        case .reportRemoved: "report-removed"
        case .wait: "wait"
        case .leave: "leave"
        }
    }

    /// Whether it is done to a machine that is there, and may take a while or fail.
    public var isWork: Bool {
        switch self {
        case .resume, .stop, .delete: true
        default: false
        }
    }

    /// Whether the loop does something, as opposed to waiting or leaving the machine alone.
    public var changesSomething: Bool {
        switch self {
        case .look, .wait, .leave: false
        default: true
        }
    }
}
