import DiskFaults
import Host
import Journal
import Primitives
import Raft
import Synchronization
import Testing

/// A state machine that remembers only what it applied, in order: equal hashes mean equal histories.
private struct TallyMachine: Equatable {
    var applied: UInt64 = 0
    var hash: UInt64 = 0

    init() {}

    /// From a snapshot's data.
    init(_ data: [UInt8]) throws {
        var reader = ByteReader(data)
        applied = try reader.readFixed(UInt64.self)
        hash = try reader.readFixed(UInt64.self)
        try reader.finish()
    }

    /// Applies the next entry; answers whether it was the next.
    mutating func apply(_ entry: Entry) -> Bool {
        guard entry.index.rawValue == applied + 1 else { return false }
        applied += 1
        var hasher = StableHash()
        hasher.combine(hash)
        hasher.combine(entry.index.rawValue)
        hasher.combine(entry.term.rawValue)
        hasher.combine(entry.data)
        hash = hasher.value
        return true
    }

    var data: [UInt8] {
        var writer = ByteWriter()
        writer.write(fixed: applied)
        writer.write(fixed: hash)
        return writer.bytes
    }

    /// What every entry up to an index gives, each applied once.
    static func replay(of count: UInt64) -> TallyMachine {
        var machine = TallyMachine()
        for index in 0..<count { _ = machine.apply(TallyNode.entry(index + 1)) }
        return machine
    }
}

/// One voter over a log: it appends, applies what is durable, and saves its state now and then.
private struct TallyNode {
    let log: WriteAheadLog
    var machine: TallyMachine
    /// The last entry whose author was told that it is there.
    private(set) var answered: UInt64

    static func entry(_ index: UInt64) -> Entry { Fixture.entry(index, 1, bytes: Int(index * 97 % 800)) }

    init(_ log: WriteAheadLog) {
        self.log = log
        machine = TallyMachine()
        answered = 0
    }

    /// What a start makes of a recovered log: the snapshot's state, and every committed entry after it once.
    init(_ log: WriteAheadLog, _ recovered: RecoveredJournal) throws {
        self.log = log
        machine = TallyMachine()
        if let snapshot = recovered.snapshot {
            machine = try TallyMachine(snapshot.snapshot.data)
            #expect(machine.hash == snapshot.stateHash)
            #expect(machine.applied == snapshot.snapshot.index.rawValue)
        }
        for entry in recovered.entries where entry.index <= recovered.hardState.commit {
            let isNext = machine.apply(entry)
            #expect(isNext, "entry \(entry.index) after \(machine.applied)")
        }
        // The single voter commits what its log holds.
        for entry in recovered.entries where entry.index > recovered.hardState.commit {
            let isNext = machine.apply(entry)
            #expect(isNext, "entry \(entry.index) after \(machine.applied)")
        }
        answered = machine.applied
    }

    /// One entry, durable, then applied, then answered; every fifth time the state is saved.
    mutating func step() throws(JournalError) {
        let next = Self.entry(machine.applied + 1)
        let state = HardState(term: Term(1), vote: NodeID(3), commit: LogIndex(machine.applied))
        try log.append([JournalWrite(hardState: state, entries: [next])])
        guard machine.apply(next) else { preconditionFailure("entry \(next.index) after \(machine.applied)") }
        answered = machine.applied
        guard machine.applied % 5 == 0 else { return }
        let metadata = SnapshotMetadata(
            index: LogIndex(machine.applied), term: Term(1), confState: ConfState(voters: [NodeID(3)]))
        try log.saveSnapshot(
            JournalSnapshot(
                snapshot: Snapshot(metadata: metadata, data: machine.data), stateHash: machine.hash))
    }
}

@Suite("A state machine over the log")
struct StateMachineTests {
    /// Twenty-three steps on a disk that may crash.
    private func run(_ disk: FaultyDisk) throws -> (node: TallyNode?, hasEnded: Bool) {
        var node: TallyNode?
        do {
            var running = TallyNode(try Fixture.create(on: disk))
            node = running
            for _ in 0..<23 {
                try running.step()
                node = running
            }
            return (node, true)
        } catch JournalError.disk {
            return (node, false)
        }
    }

    @Test("T28: A crash around apply at any operation leaves each entry applied exactly once, as a replay shows")
    func applyOnce() throws {
        var operation = 1
        while true {
            let disk = Fixture.disk()
            disk.fault = (operation, .crash(keepsBytes: nil))
            let (node, hasEnded) = try run(disk)
            if hasEnded { break }
            let answered = node?.answered ?? 0
            try CrashBound.forEachImage(disk.image, seed: UInt64(operation), samples: 64) { image in
                let restarted = FaultyDisk(image)
                if node == nil, Fixture.refusal(on: restarted) == .missing(directory: Fixture.directory) { return }
                let (log, recovered) = try Fixture.open(on: restarted)
                var again = try TallyNode(log, recovered)
                #expect((answered...answered + 1).contains(again.machine.applied), "operation \(operation)")
                #expect(again.machine == TallyMachine.replay(of: again.machine.applied))
                // And it goes on as if nothing had been.
                for _ in 0..<6 { try again.step() }
                #expect(again.machine == TallyMachine.replay(of: again.machine.applied))
            }
            operation += 1
        }
        #expect(operation > 80)
    }

    @Test("T27: A crash between a snapshot's file, its mark and the hard state leaves a start without a gap")
    func snapshotSequence() throws {
        // The node's own snapshot with a commit index that was never written, and one from the leader with a new term.
        let sequences: [[Step]] = [
            [.save(Fixture.snapshot(3, 1))],
            [
                .append([
                    JournalWrite(
                        hardState: Fixture.state(2, commit: 30), entries: [Fixture.entry(31, 2)],
                        snapshot: Fixture.snapshot(30, 2))
                ])
            ],
            [
                .save(Fixture.snapshot(2, 1)), .save(Fixture.snapshot(4, 1)),
                .append([JournalWrite(snapshot: Fixture.snapshot(9, 1))]),
            ],
        ]
        let before: [Step] = [
            .append([JournalWrite(hardState: Fixture.state(1, vote: 3), entries: (1...5).map { Fixture.entry($0, 1) })]
            ),
            .append([JournalWrite(hardState: Fixture.state(1, vote: 3, commit: 5))]),
        ]
        for sequence in sequences {
            var operation = 1
            while true {
                let disk = Fixture.disk()
                disk.fault = (operation, .crash(keepsBytes: nil))
                guard
                    let interruption = try Interruption.of(
                        before + sequence, on: disk, parameters: Fixture.parameters)
                else { break }
                CrashBound.forEachImage(disk.image, seed: UInt64(operation)) { image in
                    interruption.check(image, "operation \(operation) (\(disk.history.last!))")
                    guard let recovered = try? Fixture.recover(from: image) else { return }
                    let base = recovered.snapshot?.snapshot.index ?? .zero
                    #expect(recovered.hardState.commit >= base)
                    #expect(recovered.entries.first.map { $0.index == base.next } ?? true, "a gap after \(base)")
                }
                operation += 1
            }
            #expect(operation > 20)
        }
    }

    @Test("T29: A single voter is answered only after its own sync, and a crash before it leaves no answered entry out")
    func answerAfterSync() throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk)
        var answered: [UInt64] = []
        for index in 1...4 as ClosedRange<UInt64> {
            let before = disk.syncs
            try log.append([JournalWrite(hardState: Fixture.state(1, vote: 3), entries: [Fixture.entry(index, 1)])])
            #expect(disk.syncs == before + 1)
            answered.append(index)
        }
        // The fifth is written, and the crash comes before its sync has returned.
        disk.fault = (disk.operations + 2, .crash(keepsBytes: nil))
        #expect(throws: JournalError.self) {
            try log.append([JournalWrite(entries: [Fixture.entry(5, 1)])])
        }
        #expect(disk.history.last == .sync)
        try CrashBound.forEachImage(disk.image, seed: 1) { image in
            let recovered = try Fixture.recover(from: image)
            #expect(Array(recovered.entries.map(\.index.rawValue).prefix(4)) == answered)
        }
    }
}
