import Glibc
import Host
import Journal
import Primitives
import Raft
import Synchronization
import Testing

@Suite("Killed processes")
struct KilledProcessTests {
    private let scratch = ScratchDirectory()

    @Test("What a killed process acknowledged is there, over many lives of one log")
    func kill9() async throws {
        let path = scratch.path
        for life in 1...6 as ClosedRange<UInt64> {
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, life = life as UInt64] in
                try writeUntilKilled(path, life: life)
            }
            let (log, recovered) = try WriteAheadLog.open(
                on: FileSystemDisk(), directory: path + "/raft", expecting: Fixture.identity, parameters: .small,
                saltSeed: life + 100)
            log.close()
            let acknowledged = try lastAcknowledged(path)
            #expect(acknowledged > 0)
            #expect(recovered.last.index.rawValue >= acknowledged)
            let first = recovered.snapshot.map { $0.snapshot.index.rawValue + 1 } ?? 1
            #expect(recovered.entries.map(\.index.rawValue) == Array(first..<first + UInt64(recovered.entries.count)))
            #expect(recovered.entries.allSatisfy { $0.data.count == Int($0.index.rawValue % 900) })
            #expect(recovered.hardState.term.rawValue <= life)
        }
    }

    private func lastAcknowledged(_ path: String) throws -> UInt64 {
        let bytes = try DurableFile.read(path + "/acknowledged", limit: 8)
        return bytes.enumerated().reduce(0) { $0 | UInt64($1.element) << UInt64(8 * $1.offset) }
    }
}

/// Opens the log of earlier lives, or makes it, and appends as fast as it can until this process kills itself.
private func writeUntilKilled(_ path: String, life: UInt64) throws {
    let disk = FileSystemDisk()
    let directory = path + "/raft"
    let log: WriteAheadLog
    if life == 1 {
        log = try WriteAheadLog.create(
            on: disk, directory: directory, identity: Fixture.identity, parameters: .small, saltSeed: life)
    } else {
        log = try WriteAheadLog.open(
            on: disk, directory: directory, expecting: Fixture.identity, parameters: .small, saltSeed: life
        ).log
    }
    var index = log.last.index.rawValue
    let journal = JournalThread(log, disk: disk, limits: .standard) { fatalError("\($0)") }
    let descriptor = open(path + "/acknowledged", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    let progress = Progress(index)
    OwnThread.start(named: "killer") {
        usleep(60_000 + UInt32(life) * 17_000)
        kill(getpid(), SIGKILL)
    }
    while true {
        index += 1
        let done = index
        let entry = Entry(
            term: Term(life), index: LogIndex(done), kind: .normal,
            data: [UInt8](repeating: UInt8(truncatingIfNeeded: done), count: Int(done % 900)))
        let state = HardState(term: Term(life), vote: NodeID(1), commit: LogIndex(done - 1))
        journal.submit(JournalWrite(hardState: state, entries: [entry])) {
            var value = done.littleEndian
            pwrite(descriptor, &value, 8, 0)
            progress.completed.store(done, ordering: .releasing)
        }
        guard done % 50 == 0 else { continue }
        while progress.completed.load(ordering: .acquiring) < done || progress.savesSnapshot.load(ordering: .acquiring)
        {
            usleep(100)
        }
        progress.savesSnapshot.store(true, ordering: .releasing)
        let metadata = SnapshotMetadata(
            index: LogIndex(done), term: Term(life), confState: ConfState(voters: [NodeID(3)]))
        let snapshot = Snapshot(metadata: metadata, data: [UInt8](repeating: 1, count: 5000))
        journal.saveSnapshot(JournalSnapshot(snapshot: snapshot, stateHash: done)) { _ in
            progress.savesSnapshot.store(false, ordering: .releasing)
        }
    }
}

private final class Progress: Sendable {
    let completed: Atomic<UInt64>
    let savesSnapshot = Atomic<Bool>(false)

    init(_ index: UInt64) { completed = Atomic(index) }
}
