/// Everything that goes wrong in a simulation.
public enum FaultKind: String, Hashable, Sendable, CaseIterable, Comparable {
    // Messages, each by its own chance.
    case lostMessage = "lost message"
    case duplicatedMessage = "duplicated message"
    case delayedMessage = "delayed message"
    case reorderedMessage = "reordered message"
    case cutMessage = "message into a partition"
    // Transfers of snapshots, each by its own chance.
    case cutTransfer = "cut transfer"
    case duplicatedTransfer = "duplicated transfer"
    case lostTransferReport = "lost transfer report"
    // The network as a whole.
    case partition
    case oneWayPartition = "one-way partition"
    case isolatedLeader = "isolated leader"
    case isolatedNode = "isolated node"
    case cloggedLink = "clogged link"
    // Nodes.
    case crash
    case hostReboot = "host reboot"
    case pause
    case tickStall = "tick stall"
    case clockJump = "clock jump"
    case clockRate = "clock rate"
    case resignedLeader = "resigned leader"
    // Disks.
    case crashInRecovery = "crash while the log is opened"
    case interruptedWrite = "interrupted write"
    case lostSectors = "lost sectors"
    case slowDisk = "slow disk"
    case failedSync = "failed sync"
    case failedWrite = "failed write"
    case fullDisk = "full disk"
    case bitRot = "bit rot"
    case misdirectedWrite = "misdirected write"
    case lostDisk = "lost disk"
    // Members.
    case removedNode = "removed node"
    case removedLeader = "removed leader"
    case newNode = "new node"
    // Machines.
    case machineCrash = "machine crash"
    case machinePause = "machine paused from outside"
    case machineSuspend = "machine suspended from outside"
    case machinePowerOff = "guest powered off"
    case machinePanic = "guest panic"
    case machineDiskFailure = "guest disk failure"
    case machineHang = "machine hangs"
    case foreignProcess = "foreign process"
    case failedStart = "failed start"
    // Users.
    case lostAnswer = "lost answer"
    case repeatedRequest = "request asked again"
    case abandonedRequest = "request given up"

    public static func < (left: FaultKind, right: FaultKind) -> Bool { left.rawValue < right.rawValue }

    /// The kind's name as one word, for command lines.
    public var word: String { String(rawValue.map { $0 == " " ? "-" : $0 }) }

    public init?(word: some StringProtocol) {
        guard let kind = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = kind
    }

    /// What only ever follows from something else, so that it can't be left out by itself: messages into partitions,
    /// and requests that are asked again because no node answered.
    static let consequences: Set<FaultKind> = [.cutMessage, .repeatedRequest]

    /// The kinds that strike at moments of the schedule; the others happen by the way.
    static let striking: [FaultKind] = [
        .partition, .oneWayPartition, .isolatedLeader, .isolatedNode, .cloggedLink, .crash, .hostReboot, .pause,
        .tickStall, .clockJump, .clockRate, .resignedLeader, .slowDisk, .failedSync, .failedWrite, .fullDisk, .bitRot,
        .misdirectedWrite, .lostDisk, .removedNode, .removedLeader, .newNode, .machineCrash, .machinePause,
        .machineSuspend,
        .machinePowerOff, .machinePanic, .machineDiskFailure, .machineHang, .foreignProcess, .failedStart,
    ]
}

/// What a strike has done and time heals.
enum Wound: Equatable {
    /// The partition of this number.
    case partition(Int)
    case cloggedLink(from: Int, to: Int)
    case slowDisk(node: Int)
    case fullDisk(node: Int)
    case tickStall(AgentRun)
}
