import Glibc
import Host
import Journal
import Primitives
import Raft
import Synchronization
import TestFiles
import Testing

@Suite("Killed processes")
struct KilledProcessTests {
    private let scratch = TemporaryDirectory(named: "journal")

    /// `BLIXARD_KILL_LIVES`, else enough for every change.
    private static let lives = getenv("BLIXARD_KILL_LIVES").flatMap { UInt64(String(cString: $0)) } ?? 16

    @Test("What a killed process acknowledged is there, over many lives of one log, whenever it is killed")
    func kill9() async throws {
        let path = scratch.path
        var generator = SystemRandomNumberGenerator()
        var entries: UInt64 = 0
        for life in 1...Self.lives {
            // From the moment that the log is opened, or made, to well into its work.
            let microseconds = UInt32.random(in: 0...120_000, using: &generator)
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = path as String, life = life as UInt64, microseconds = microseconds as UInt32] in
                try writeUntilKilled(path, life: life, microseconds: microseconds)
            }
            let acknowledged = try lastAcknowledged(path)
            let place = "life \(life), killed after \(microseconds) us"
            do {
                let (log, recovered) = try WriteAheadLog.open(
                    on: FileSystemDisk(), directory: path + "/raft", expecting: Fixture.identity,
                    parameters: parameters, saltSeed: life + 1000)
                log.close()
                check(recovered, acknowledged: acknowledged, life: life, place)
                entries = recovered.last.index.rawValue
            } catch JournalError.missing where acknowledged == 0 {
                // Killed before the journal was made.
            } catch {
                Issue.record("\(place): \(error)")
            }
            let inspection = try? JournalInspection(on: FileSystemDisk(), directory: path + "/raft")
            #expect(inspection?.isSound ?? true, "\(place)")
        }
        #expect(entries > 0)
        print("\(Self.lives) killed processes, \(entries) entries")
    }

    private func check(_ recovered: RecoveredJournal, acknowledged: UInt64, life: UInt64, _ place: String) {
        #expect(recovered.last.index.rawValue >= acknowledged, "\(place)")
        let first = recovered.snapshot.map { $0.snapshot.index.rawValue + 1 } ?? 1
        #expect(
            recovered.entries.map(\.index.rawValue) == Array(first..<first + UInt64(recovered.entries.count)),
            "\(place)")
        #expect(recovered.entries.allSatisfy { $0.data == payload($0.index.rawValue) }, "\(place)")
        #expect(recovered.hardState.term.rawValue <= life)
        #expect(recovered.snapshot.map { $0.stateHash == $0.snapshot.index.rawValue } ?? true)
    }

    private func lastAcknowledged(_ path: String) throws(DiskError) -> UInt64 {
        do {
            let bytes = try DurableFile.read(path + "/acknowledged", limit: 8)
            return bytes.enumerated().reduce(0) { $0 | UInt64($1.element) << UInt64(8 * $1.offset) }
        } catch  where error.isNotFound {
            return 0
        }
    }
}

/// Segments that change often and are filled beside the log.
private let parameters: JournalParameters = {
    var parameters = JournalParameters.small
    parameters.segmentBytes = 256 << 10
    parameters.fillsSegments = true
    return parameters
}()

private func payload(_ index: UInt64) -> [UInt8] {
    [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: Int(index % 1900))
}

/// Opens the log of earlier lives, or makes it, and appends as fast as it can until this process kills itself.
private func writeUntilKilled(_ path: String, life: UInt64, microseconds: UInt32) throws {
    // The second life lasts until something was acknowledged, however slow the disk is; the others end at any moment.
    if life != 2 { startKiller(microseconds) }
    let disk = FileSystemDisk()
    let directory = path + "/raft"
    let log = try openOrCreate(disk, directory, life: life)
    var index = log.last.index.rawValue
    let term = max(life, log.last.term.rawValue)
    let journal = JournalThread(log, disk: disk, limits: .standard) { fatalError("\($0)") }
    let descriptor = open(path + "/acknowledged", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    let progress = Progress(index)
    while true {
        index += 1
        let done = index
        let entry = Entry(term: Term(term), index: LogIndex(done), kind: .normal, data: payload(done))
        let state = HardState(term: Term(term), vote: NodeID(1), commit: LogIndex(done - 1))
        journal.submit(JournalWrite(hardState: state, entries: [entry])) { _ in
            var value = done.littleEndian
            pwrite(descriptor, &value, 8, 0)
            let isFirst = progress.acknowledged.exchange(true, ordering: .relaxed) == false
            progress.completed.store(done, ordering: .releasing)
            if isFirst && life == 2 { startKiller(microseconds) }
        }
        guard done % 50 == 0 else { continue }
        while progress.completed.load(ordering: .acquiring) < done || progress.savesSnapshot.load(ordering: .acquiring)
        {
            usleep(100)
        }
        progress.savesSnapshot.store(true, ordering: .releasing)
        let metadata = SnapshotMetadata(
            index: LogIndex(done), term: Term(term), confState: ConfState(voters: [NodeID(3)]))
        let snapshot = Snapshot(metadata: metadata, data: [UInt8](repeating: 1, count: 5000))
        journal.saveSnapshot(JournalSnapshot(snapshot: snapshot, stateHash: done)) { _ in
            progress.savesSnapshot.store(false, ordering: .releasing)
        }
    }
}

private func startKiller(_ microseconds: UInt32) {
    OwnThread.start(named: "killer") {
        usleep(microseconds)
        kill(getpid(), SIGKILL)
    }
}

private func openOrCreate(
    _ disk: FileSystemDisk, _ directory: String, life: UInt64
) throws(JournalError) -> WriteAheadLog {
    do {
        return try WriteAheadLog.open(
            on: disk, directory: directory, expecting: Fixture.identity, parameters: parameters, saltSeed: life
        ).log
    } catch {
        guard case .missing = error else { throw error }
    }
    return try WriteAheadLog.create(
        on: disk, directory: directory, identity: Fixture.identity, parameters: parameters, saltSeed: life)
}

private final class Progress: Sendable {
    let completed: Atomic<UInt64>
    let savesSnapshot = Atomic<Bool>(false)
    let acknowledged = Atomic<Bool>(false)

    init(_ index: UInt64) { completed = Atomic(index) }
}
