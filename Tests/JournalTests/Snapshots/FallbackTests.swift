import DiskFaults
import Host
import Journal
import Primitives
import Raft
import Testing

@Suite("Going on from the older snapshot")
struct FallbackTests {
    private func rot(_ disk: FaultyDisk, snapshot number: Int) {
        let file = SoundLog.files(of: disk.image, ".snap")[number].file
        disk.image.write([0xff], at: 200, file: file)
    }

    /// Opens with a state machine to which the snapshot's data is the state, and which does not know some of them.
    private func open(
        _ disk: FaultyDisk, unknown: Set<UInt64> = [], other: Set<UInt64> = []
    ) throws(JournalError) -> (log: WriteAheadLog, recovered: RecoveredJournal, state: [UInt8]?) {
        try WriteAheadLog.open(
            on: disk, directory: Fixture.directory, expecting: Fixture.identity, parameters: Fixture.parameters,
            saltSeed: 12
        ) { content throws(DecodingFailure) in
            let index = content.snapshot.index.rawValue
            if unknown.contains(index) { throw DecodingFailure(.invalid("level 9"), offset: 4) }
            return (content.snapshot.data, other.contains(index) ? 1 : content.stateHash)
        }
    }

    @Test(
        "A snapshot that could not be read, saved again at any index up to the log's end, is found by each later start",
        arguments: [4, 5, 6, 7, 8] as [UInt64])
    func savedAgain(index: UInt64) throws {
        let disk = try Fixture.twoSnapshots()
        rot(disk, snapshot: 1)
        for _ in 0..<2 {
            // A start that saves nothing changes nothing for the next one.
            let (log, recovered) = try Fixture.open(on: disk)
            #expect(recovered.snapshot == Fixture.snapshot(3, 1) && recovered.unreadableSnapshot != nil)
            #expect(recovered.hardState.commit == LogIndex(8) && recovered.last.index == LogIndex(9))
            log.close()
        }
        let (log, _) = try Fixture.open(on: disk)
        try log.saveSnapshot(Fixture.snapshot(index, 1))
        log.close()
        let (again, recovered) = try Fixture.open(on: disk)
        #expect(recovered.snapshot == Fixture.snapshot(index, 1) && recovered.unreadableSnapshot == nil)
        #expect(recovered.last.index == LogIndex(9))
        #expect(again.snapshots.first?.index == LogIndex(index))
        #expect(try JournalInspection(on: disk, directory: Fixture.directory).isSound)
        // And the log goes on through further segments and snapshots.
        try again.append([
            JournalWrite(hardState: Fixture.state(2, commit: 9), entries: [Fixture.entry(10, 2, bytes: 5000)])
        ])
        try again.saveSnapshot(Fixture.snapshot(9, 1))
        again.close()
        let later = try Fixture.recover(from: disk.image)
        #expect(later.snapshot == Fixture.snapshot(9, 1) && later.last.index == LogIndex(10))
    }

    @Test("A snapshot that rots twice gives way twice")
    func rotsAgain() throws {
        let disk = try Fixture.twoSnapshots()
        for _ in 0..<2 {
            rot(disk, snapshot: 1)
            let (log, recovered) = try Fixture.open(on: disk)
            #expect(recovered.snapshot == Fixture.snapshot(3, 1))
            try log.saveSnapshot(Fixture.snapshot(6, 1))
            log.close()
            #expect(try Fixture.recover(from: disk.image).snapshot == Fixture.snapshot(6, 1))
        }
    }

    @Test("A newest snapshot that can't be decoded, or is another state than was saved, gives way to the one before it")
    func meaning() throws {
        let disk = try Fixture.twoSnapshots()
        for (unknown, other, words) in [([6], [], "level 9"), ([], [6], "another state")]
            as [(Set<UInt64>, Set<UInt64>, String)]
        {
            let (log, recovered, state) = try open(disk, unknown: unknown, other: other)
            #expect(recovered.snapshot == Fixture.snapshot(3, 1) && state == Fixture.snapshot(3, 1).snapshot.data)
            #expect(recovered.entries.map(\.index.rawValue) == Array(4...9))
            let damage = try #require(recovered.unreadableSnapshot)
            #expect(damage.file.contains("/snap-0000000000000006-") && damage.reason.contains(words))
            log.close()
        }
        // Nothing was lost by it: who understands it has it.
        let (log, recovered, state) = try open(disk)
        #expect(recovered.snapshot == Fixture.snapshot(6, 1) && state == Fixture.snapshot(6, 1).snapshot.data)
        log.close()
    }

    @Test("Two snapshots that mean nothing are refused, and so is a single one")
    func noneIsUnderstood() throws {
        let disk = try Fixture.twoSnapshots()
        let refusal = try #require(throws: JournalError.self) { _ = try open(disk, unknown: [3], other: [6]) }
        #expect(refusal.exitCode == 70 && refusal.description.contains("/snap-0000000000000006-"))
        let single = FaultyDisk(try SoundLog.make().image)
        #expect(throws: JournalError.self) { _ = try open(single, other: [2]) }
        let empty = Fixture.disk()
        try Fixture.create(on: empty).close()
        let (log, recovered, state) = try open(empty)
        #expect(recovered.snapshot == nil && state == nil)
        log.close()
    }

    @Test("T38: A snapshot of another cluster under the name of the newest one is none of this log")
    func foreignSnapshot() throws {
        let disk = try Fixture.twoSnapshots()
        try SnapshotFile.write(
            Fixture.snapshot(6, 1), clusterID: "c-2", on: disk, in: Fixture.directory, chunkBytes: 100)
        #expect(try !JournalInspection(on: disk, directory: Fixture.directory).isSound)
        let recovered = try Fixture.recover(from: disk.image)
        #expect(recovered.snapshot == Fixture.snapshot(3, 1))
        #expect(recovered.unreadableSnapshot?.reason.contains("cluster c-2") == true)
        let single = FaultyDisk(try SoundLog.make().image)
        try SnapshotFile.write(
            Fixture.snapshot(2, 1, bytes: 150), clusterID: "c-2", on: single, in: Fixture.directory, chunkBytes: 100)
        #expect(Fixture.refusal(on: single)?.exitCode == 70)
    }
}
