import DiskFaults
import Host
import Journal
import Primitives
import Raft
import Testing

@Suite("The log")
struct WriteAheadLogTests {
    @Test("A log through all its doors comes back as the model says, at every step")
    func model() throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk)
        var model = LogModel()
        for (number, step) in Step.workload.enumerated() {
            try step.perform(on: log)
            model = step.outcomes(from: model).last!
            #expect(log.hardState == model.hardState, "step \(number)")
            #expect(log.last == model.last, "step \(number)")
            let recovered = try Fixture.recover(from: disk.image)
            #expect(model.matches(recovered), "step \(number): \(recovered.hardState) \(recovered.last)")
            #expect(recovered.bytesCut == 0)
            #expect(recovered.identity == Fixture.identity)
        }
        #expect(log.statistics.segmentsCreated >= 3)
        #expect(log.statistics.segmentsRemoved >= 3)
        #expect(log.snapshots.map(\.index.rawValue) == [22, 20])
    }

    @Test("A log goes on where it was after any number of restarts")
    func restarts() throws {
        let disk = Fixture.disk()
        var log = try Fixture.create(on: disk)
        var model = LogModel()
        for step in Step.workload {
            try step.perform(on: log)
            model = step.outcomes(from: model).last!
            log.close()
            let (again, recovered) = try Fixture.open(on: disk)
            #expect(model.matches(recovered))
            // What was only known to the log that is gone is learnt again.
            model.hardState.commit = recovered.hardState.commit
            log = again
        }
    }

    @Test("A commit index that comes alone is durable at once if that is asked for, and written only once")
    func urgentCommit() throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk)
        try log.append([
            JournalWrite(hardState: Fixture.state(1, vote: 3), entries: (1...3).map { Fixture.entry($0, 1) })
        ])
        let syncs = disk.syncs
        try log.append([JournalWrite(hardState: Fixture.state(1, vote: 3, commit: 2))])
        #expect(disk.syncs == syncs)
        // Also when the index is known already, and only not written yet.
        try log.append([JournalWrite(writesCommit: true)])
        #expect(disk.syncs == syncs + 1)
        #expect(try Fixture.recover(from: disk.image.crashed { false }).hardState.commit == LogIndex(2))
        try log.append([JournalWrite(hardState: Fixture.state(1, vote: 3, commit: 3), writesCommit: true)])
        #expect(try Fixture.recover(from: disk.image.crashed { false }).hardState.commit == LogIndex(3))
        try log.append([JournalWrite(hardState: Fixture.state(1, vote: 3, commit: 3), writesCommit: true)])
        #expect(disk.syncs == syncs + 2)
    }

    @Test("A group is one write and one sync, and holds what is left of overwritten entries")
    func groupCommit() throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk)
        let (writes, syncs) = (disk.writes, disk.syncs)
        try log.append([
            JournalWrite(hardState: Fixture.state(1), entries: [Fixture.entry(1, 1), Fixture.entry(2, 1)]),
            JournalWrite(entries: [Fixture.entry(3, 1)]),
            JournalWrite(hardState: Fixture.state(2, vote: 1, commit: 1), entries: [Fixture.entry(2, 2)]),
        ])
        #expect(disk.writes == writes + 1)
        #expect(disk.syncs == syncs + 1)
        #expect(log.statistics.batches == 1)
        #expect(log.statistics.entries == 2)
        let recovered = try Fixture.recover(from: disk.image)
        #expect(recovered.entries == [Fixture.entry(1, 1), Fixture.entry(2, 2)])
        #expect(recovered.hardState == Fixture.state(2, vote: 1, commit: 1))
    }

    @Test(
        "An append of nothing new writes nothing, a commit index alone waits for the seal, and a seal is written once")
    func idle() throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk)
        try log.seal()
        try log.append([])
        try log.append([JournalWrite(hardState: .initial)])
        #expect(log.statistics.batches == 0)
        try log.append([JournalWrite(hardState: Fixture.state(1), entries: [Fixture.entry(1, 1)])])
        try log.append([JournalWrite(hardState: Fixture.state(1, commit: 1))])
        #expect(log.statistics.batches == 1)
        #expect(!log.isSealed)
        #expect(try Fixture.recover(from: disk.image).hardState.commit == .zero)
        try log.seal()
        #expect(log.isSealed)
        #expect(log.statistics.seals == 1)
        #expect(try Fixture.recover(from: disk.image).hardState.commit == LogIndex(1))
        let operations = disk.operations
        for _ in 0..<10 {
            try log.seal()
            try log.append([JournalWrite(hardState: Fixture.state(1, commit: 1))])
            try log.reserveSpace()
        }
        #expect(disk.operations == operations)
    }

    @Test("An entry larger than a segment gets a segment that is large enough")
    func largeEntry() throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk)
        let large = Fixture.entry(2, 1, bytes: 30_000)
        try log.append([JournalWrite(hardState: Fixture.state(1), entries: [Fixture.entry(1, 1)])])
        try log.append([JournalWrite(entries: [large])])
        try log.append([JournalWrite(entries: [Fixture.entry(3, 1, bytes: 4000)])])
        #expect(
            try Fixture.recover(from: disk.image).entries == [
                Fixture.entry(1, 1), large, Fixture.entry(3, 1, bytes: 4000),
            ])
    }

    @Test("Two snapshots are kept, and of the log what the older one does not include")
    func compaction() throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk)
        for index in 1...60 as ClosedRange<UInt64> {
            let state = Fixture.state(1, commit: index)
            try log.append([JournalWrite(hardState: state, entries: [Fixture.entry(index, 1, bytes: 700)])])
            if index % 10 == 0 { try log.saveSnapshot(Fixture.snapshot(index, 1)) }
        }
        #expect(log.snapshots.map(\.index.rawValue) == [60, 50])
        #expect(disk.image.names(in: Fixture.directory).filter { $0.hasSuffix(".snap") }.count == 2)
        #expect(log.segmentCount <= 6)
        let recovered = try Fixture.recover(from: disk.image)
        #expect(recovered.snapshot == Fixture.snapshot(60, 1))
        #expect(recovered.entries.isEmpty)
        #expect(try log.readSnapshot(log.snapshots[1]) == Fixture.snapshot(50, 1))
    }

    @Test("A snapshot without a mark in the log is removed, and one that the log names is used")
    func unmarkedSnapshot() throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk)
        try log.append([JournalWrite(hardState: Fixture.state(1), entries: [Fixture.entry(1, 1), Fixture.entry(2, 1)])])
        try SnapshotFile.write(
            Fixture.snapshot(2, 1), clusterID: "c-1", on: disk, in: Fixture.directory, chunkBytes: 100)
        log.close()
        let (again, recovered) = try Fixture.open(on: disk)
        #expect(recovered.snapshot == nil)
        #expect(recovered.entries.count == 2)
        #expect(!disk.image.names(in: Fixture.directory).contains { $0.hasSuffix(".snap") })
        try again.saveSnapshot(Fixture.snapshot(2, 1))
        #expect(try Fixture.recover(from: disk.image).snapshot == Fixture.snapshot(2, 1))
    }

    @Test("An install leaves a newer snapshot alone that is written and not yet recorded")
    func snapshotBesideInstall() throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk)
        let newer = Fixture.snapshot(25, 2)
        try SnapshotFile.write(newer, clusterID: "c-1", on: disk, in: Fixture.directory, chunkBytes: 100)
        let entries = (21...25 as ClosedRange<UInt64>).map { Fixture.entry($0, 2) }
        try log.append([
            JournalWrite(
                hardState: Fixture.state(2, commit: 25), entries: entries, snapshot: Fixture.snapshot(20, 2))
        ])
        try log.recordSnapshot(newer.snapshot.metadata.position)
        let recovered = try Fixture.recover(from: disk.image)
        #expect(recovered.snapshot == newer)
        #expect(recovered.unreadableSnapshot == nil)
    }

    @Test("T38: A directory is opened once, by its own node, and created once")
    func ownership() throws {
        let disk = Fixture.disk()
        #expect(throws: JournalError.missing(directory: Fixture.directory)) { try Fixture.open(on: disk) }
        let log = try Fixture.create(on: disk)
        guard case .locked(let error)? = Fixture.refusal(on: disk) else {
            Issue.record("opened twice")
            return
        }
        #expect(error.isLockedByOther)
        log.close()
        #expect(throws: JournalError.alreadyThere(directory: Fixture.directory)) { try Fixture.create(on: disk) }
        for other in [
            JournalIdentity(clusterID: "c-2", nodeID: NodeID(3), incarnation: 7),
            JournalIdentity(clusterID: "c-1", nodeID: NodeID(4), incarnation: 7),
            JournalIdentity(clusterID: "c-1", nodeID: NodeID(3), incarnation: 8),
        ] {
            let image = disk.image
            guard case .wrongIdentity(_, let expected, let found)? = Fixture.refusal(on: disk, expecting: other) else {
                Issue.record("opened as \(other)")
                continue
            }
            #expect(expected == other)
            #expect(found == Fixture.identity)
            #expect(disk.image == image)
        }
        let anybody = try WriteAheadLog.open(
            on: disk, directory: Fixture.directory, expecting: nil, parameters: Fixture.parameters, saltSeed: 1)
        #expect(anybody.recovered.identity == Fixture.identity)
    }

    @Test("Entries carry every kind and any bytes")
    func entryKinds() throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk)
        let entries = [
            Entry(term: Term(1), index: LogIndex(1), kind: .normal, data: []),
            Entry(term: Term(1), index: LogIndex(2), kind: .membershipV1, data: [0]),
            Entry(term: Term(1), index: LogIndex(3), kind: .membership, data: Array(0...255)),
        ]
        try log.append([JournalWrite(hardState: Fixture.state(9, vote: .max - 2, commit: 3), entries: entries)])
        let recovered = try Fixture.recover(from: disk.image)
        #expect(recovered.entries == entries)
        #expect(recovered.hardState == Fixture.state(9, vote: .max - 2, commit: 3))
    }

    @Test("A write that was asked for before a snapshot, with an older commit index, takes none back")
    func overtakenCommit() throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk)
        let entries = (1...6 as ClosedRange<UInt64>).map { Fixture.entry($0, 1) }
        try log.append([JournalWrite(hardState: Fixture.state(1, commit: 2), entries: entries)])
        try log.saveSnapshot(Fixture.snapshot(5, 1))
        try log.append([
            JournalWrite(hardState: Fixture.state(1, commit: 3), entries: [Fixture.entry(7, 1)]),
            JournalWrite(hardState: Fixture.state(2, commit: 4)),
        ])
        #expect(log.hardState == Fixture.state(2, commit: 5))
        #expect(try Fixture.recover(from: disk.image).hardState == Fixture.state(2, commit: 5))
        try log.append([JournalWrite(hardState: Fixture.state(2, commit: 6), writesCommit: true)])
        #expect(try Fixture.recover(from: disk.image).hardState == Fixture.state(2, commit: 6))
    }

    @Test("What contradicts the log stops the program before it is written")
    func contradictions() async {
        await #expect(processExitsWith: .failure) {
            let log = try Fixture.create(on: Fixture.disk())
            try log.append([JournalWrite(hardState: Fixture.state(1), entries: [Fixture.entry(2, 1)])])
        }
        await #expect(processExitsWith: .failure) {
            let log = try Fixture.create(on: Fixture.disk())
            try log.append([JournalWrite(hardState: Fixture.state(1, vote: 1))])
            try log.append([JournalWrite(hardState: Fixture.state(1, vote: 2))])
        }
        await #expect(processExitsWith: .failure) {
            let log = try Fixture.create(on: Fixture.disk())
            try log.append([JournalWrite(hardState: Fixture.state(2))])
            try log.append([JournalWrite(hardState: Fixture.state(1))])
        }
        await #expect(processExitsWith: .failure) {
            let log = try Fixture.create(on: Fixture.disk())
            let entries = (1...3 as ClosedRange<UInt64>).map { Fixture.entry($0, 1) }
            try log.append([JournalWrite(hardState: Fixture.state(1, commit: 2), entries: entries)])
            try log.append([JournalWrite(hardState: Fixture.state(1, commit: 1), entries: [Fixture.entry(4, 1)])])
        }
        // Recovery would call such a batch damage.
        await #expect(processExitsWith: .failure) {
            let log = try Fixture.create(on: Fixture.disk())
            let data = [UInt8](repeating: 0, count: 16 << 20)
            let entries = (1...65 as ClosedRange<UInt64>).map { Entry(term: Term(1), index: LogIndex($0), data: data) }
            try log.append([JournalWrite(hardState: Fixture.state(1), entries: entries)])
        }
    }
}
