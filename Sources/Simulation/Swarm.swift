import Primitives

/// Which faults one seed has and how hard they are: most seeds lack some, so that no fault hides behind another.
struct Swarm: Equatable {
    /// Faults that strike from time to time.
    var strikes: [FaultKind] = []
    /// Milliseconds between two strikes, on average.
    var strikeEveryMilliseconds: Int64
    var lossPerMille = 0
    var duplicationPerMille = 0
    var delayPerMille = 0
    /// How late a delayed message may be.
    var lateMilliseconds: Int64
    /// The usual way of a message.
    var wayMilliseconds: ClosedRange<Int64>
    /// How long a sync takes.
    var syncMilliseconds: ClosedRange<Int64>
    var lostAnswerPerMille = 0
    /// How much of what was not synced survives a crash.
    var survivalPerMille: Int
    var startMilliseconds: Int64
    var stopMilliseconds: Int64
    /// Entries between two snapshots, and kept behind one.
    var snapshotEntries: Int
    var trailingEntries: Int
    var users: Int
    /// Milliseconds that a user waits between two requests, at most.
    var thinkMilliseconds: Int64

    private static let striking: [FaultKind] = [
        .partition, .oneWayPartition, .isolatedLeader, .isolatedNode, .crash, .hostReboot, .pause, .clockJump,
        .slowDisk, .failedSync, .machineCrash, .machinePause, .machineSuspend, .machinePowerOff, .machinePanic,
        .machineDiskFailure, .machineHang, .foreignProcess, .failedStart,
    ]

    /// - Parameter strengthPercent: 0 leaves nothing that goes wrong.
    init(drawnFrom generator: inout SeededGenerator, strengthPercent: Int) {
        func scaled(_ value: Int) -> Int { min(500, value * strengthPercent / 100) }
        for kind in Self.striking where generator.chance(600) && strengthPercent > 0 { strikes.append(kind) }
        strikeEveryMilliseconds = generator.within(300...4000) * 100 / Int64(max(1, strengthPercent))
        if generator.chance(700) { lossPerMille = scaled(generator.below(200)) }
        if generator.chance(500) { duplicationPerMille = scaled(generator.below(200)) }
        if generator.chance(500) { delayPerMille = scaled(generator.below(150)) }
        lateMilliseconds = generator.within(50...3000)
        wayMilliseconds = 0...generator.within(0...40)
        syncMilliseconds = generator.chance(300) ? 0...0 : 1...generator.within(1...60)
        if generator.chance(500) { lostAnswerPerMille = scaled(generator.below(300)) }
        survivalPerMille = generator.element(of: [0, 100, 500, 900, 1000])
        startMilliseconds = generator.within(0...3000)
        stopMilliseconds = generator.within(0...3000)
        snapshotEntries = generator.element(of: [12, 30, 80, 10_000])
        trailingEntries = generator.element(of: [0, 5, 20])
        users = 1 + generator.below(4)
        thinkMilliseconds = generator.within(50...3000)
    }
}
