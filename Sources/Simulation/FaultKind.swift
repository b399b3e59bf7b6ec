/// Everything that goes wrong in a simulation.
public enum FaultKind: String, Hashable, Sendable, CaseIterable, Comparable {
    // Messages.
    case lostMessage = "lost message"
    case duplicatedMessage = "duplicated message"
    case delayedMessage = "delayed message"
    case cutMessage = "message into a partition"
    // The network as a whole.
    case partition
    case oneWayPartition = "one-way partition"
    case isolatedLeader = "isolated leader"
    case isolatedNode = "isolated node"
    // Nodes.
    case crash
    case hostReboot = "host reboot"
    case pause
    case clockJump = "clock jump"
    // Disks.
    case crashInRecovery = "crash while the log is opened"
    case interruptedWrite = "interrupted write"
    case lostSectors = "lost sectors"
    case slowDisk = "slow disk"
    case failedSync = "failed sync"
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

    public static func < (left: FaultKind, right: FaultKind) -> Bool { left.rawValue < right.rawValue }
}

/// What a strike has done and time heals.
enum Wound: Equatable {
    /// The partition of this number.
    case partition(Int)
    case slowDisk(node: Int)
}
