import Primitives

/// Which faults one seed has and how hard they are: most seeds lack some, so that no fault hides behind another.
struct Swarm: Equatable, Sendable {
    /// Faults that strike from time to time.
    var strikes: [FaultKind] = []
    /// Milliseconds between two strikes, on average.
    var strikeEveryMilliseconds: Int64

    // The network.
    var lossPerMille = 0
    var duplicationPerMille = 0
    var delayPerMille = 0
    /// How late a delayed message may be.
    var lateMilliseconds: Int64
    /// The usual way of a message.
    var wayMilliseconds: ClosedRange<Int64>
    /// Whether a link delivers in the order of sending, as one connection does; else later ones may overtake.
    var keepsOrder: Bool
    /// How long a snapshot travels.
    var transferMilliseconds: ClosedRange<Int64>
    var cutTransferPerMille = 0
    var duplicatedTransferPerMille = 0
    var lostReportPerMille = 0

    // Nodes and disks.
    /// How far clocks may run too fast or too slow.
    var clockErrorPerMille: Int64 = 0
    /// How long a node lets inputs gather before it takes them together.
    var gatherMilliseconds: Int64
    /// How long a sync takes.
    var syncMilliseconds: ClosedRange<Int64>
    /// How much of what was not synced survives a crash.
    var survivalPerMille: Int
    /// Whether a crash may come in the middle of a write.
    var interruptsWrites = true
    /// Whether the start after a crash may be interrupted too.
    var interruptsRecovery: Bool
    /// Entries between two snapshots, and kept behind one.
    var snapshotEntries: Int
    var trailingEntries: Int

    // Machines.
    var startMilliseconds: Int64
    var stopMilliseconds: Int64

    // Users.
    var users: Int
    /// Milliseconds that a user waits between two requests, at most.
    var thinkMilliseconds: Int64
    var lostAnswerPerMille = 0
    var abandonedPerMille = 0

    /// - Parameter strengthPercent: 0 leaves nothing that goes wrong.
    init(drawnFrom generator: inout SeededGenerator, strengthPercent: Int) {
        func scaled(_ value: Int) -> Int { min(500, value * strengthPercent / 100) }
        for kind in FaultKind.striking where generator.chance(500) && strengthPercent > 0 { strikes.append(kind) }
        strikeEveryMilliseconds = generator.within(300...4000) * 100 / Int64(max(1, strengthPercent))
        if generator.chance(700) { lossPerMille = scaled(generator.below(200)) }
        if generator.chance(500) { duplicationPerMille = scaled(generator.below(200)) }
        if generator.chance(500) { delayPerMille = scaled(generator.below(150)) }
        lateMilliseconds = generator.within(50...3000)
        wayMilliseconds = 0...generator.within(0...40)
        keepsOrder = generator.chance(400) || strengthPercent == 0
        transferMilliseconds = 1...generator.element(of: [20, 300, 3000])
        if generator.chance(500) { cutTransferPerMille = scaled(generator.below(500)) }
        if generator.chance(500) { duplicatedTransferPerMille = scaled(generator.below(500)) }
        if generator.chance(500) { lostReportPerMille = scaled(generator.below(500)) }
        if generator.chance(500) { clockErrorPerMille = Int64(scaled(generator.below(101))) }
        gatherMilliseconds = generator.element(of: [0, 0, 1, 5, 20])
        syncMilliseconds = generator.chance(300) ? 0...0 : 1...generator.within(1...60)
        survivalPerMille = generator.element(of: [0, 100, 500, 900, 1000])
        interruptsRecovery = generator.chance(500) && strengthPercent > 0
        snapshotEntries = generator.element(of: [8, 20, 60, 10_000])
        trailingEntries = min(snapshotEntries / 2, generator.element(of: [0, 3, 20]))
        startMilliseconds = generator.within(0...3000)
        stopMilliseconds = generator.within(0...3000)
        users = 1 + generator.below(4)
        thinkMilliseconds = generator.within(50...3000)
        if generator.chance(500) { lostAnswerPerMille = scaled(generator.below(300)) }
        if generator.chance(300) { abandonedPerMille = scaled(generator.below(100)) }
        clockErrorPerMille = min(100, clockErrorPerMille)
    }

    /// Leaves out kinds of faults, and nothing else.
    mutating func leaveOut(_ kinds: Set<FaultKind>) {
        strikes.removeAll { kinds.contains($0) }
        if kinds.contains(.lostMessage) { lossPerMille = 0 }
        if kinds.contains(.duplicatedMessage) { duplicationPerMille = 0 }
        if kinds.contains(.delayedMessage) { delayPerMille = 0 }
        if kinds.contains(.reorderedMessage) { keepsOrder = true }
        if kinds.contains(.cutTransfer) { cutTransferPerMille = 0 }
        if kinds.contains(.duplicatedTransfer) { duplicatedTransferPerMille = 0 }
        if kinds.contains(.lostTransferReport) { lostReportPerMille = 0 }
        if kinds.contains(.clockRate) { clockErrorPerMille = 0 }
        if kinds.contains(.interruptedWrite) { interruptsWrites = false }
        if kinds.contains(.crashInRecovery) { interruptsRecovery = false }
        if kinds.contains(.lostSectors) { survivalPerMille = 1000 }
        if kinds.contains(.lostAnswer) { lostAnswerPerMille = 0 }
        if kinds.contains(.abandonedRequest) { abandonedPerMille = 0 }
    }
}
