import Glibc
import Host
import Journal
import Primitives
import Raft
import Synchronization
import TestFiles
import Testing

/// What a journal reported, in order.
private final class Reports: Sendable {
    let completed = Mutex<[Int]>([])
    let failures = Mutex<[JournalError]>([])

    /// Waits until this many are reported; false after ten seconds.
    func wait(for count: Int) async -> Bool { await eventually { self.completed.withLock { $0.count } >= count } }
}

/// Whether something becomes true within ten seconds.
private func eventually(_ condition: () -> Bool) async -> Bool {
    for _ in 0..<5000 {
        if condition() { return true }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return false
}

@Suite("The journal's thread")
struct JournalThreadTests {
    private let scratch = TemporaryDirectory(named: "journal")
    private let disk = GatedDisk()
    private let reports = Reports()
    private var directory: String { scratch.path + "/raft" }

    private func start(
        limits: JournalThread.GroupLimits = .standard, parameters: JournalParameters = .small
    ) throws -> JournalThread {
        let log = try WriteAheadLog.create(
            on: disk, directory: directory, identity: Fixture.identity, parameters: parameters, saltSeed: 3)
        let reports = reports
        return JournalThread(log, disk: disk, limits: limits) { error in reports.failures.withLock { $0.append(error) }
        }
    }

    private func submit(_ index: UInt64, to journal: JournalThread, bytes: Int = 20) {
        let reports = reports
        let write = JournalWrite(hardState: Fixture.state(1), entries: [Fixture.entry(index, 1, bytes: bytes)])
        journal.submit(write) { _ in reports.completed.withLock { $0.append(Int(index)) } }
    }

    private func stop(_ journal: JournalThread) async {
        await withCheckedContinuation { done in journal.stop { done.resume() } }
    }

    private func recover() throws -> RecoveredJournal {
        let (log, recovered) = try WriteAheadLog.open(
            on: FileSystemDisk(), directory: directory, expecting: Fixture.identity, parameters: .small, saltSeed: 4)
        log.close()
        return recovered
    }

    @Test("Writes are completed in order and are there after a restart")
    func order() async throws {
        let journal = try start()
        for index in 1...200 as ClosedRange<UInt64> { submit(index, to: journal, bytes: 700) }
        #expect(await reports.wait(for: 200))
        #expect(journal.pendingSince == nil)
        await stop(journal)
        #expect(reports.completed.withLock { $0 } == Array(1...200))
        #expect(try recover().entries.map(\.index.rawValue) == Array(1...200))
        #expect(journal.status.last.index == LogIndex(200))
    }

    @Test("What arrives while a sync runs goes with the next one, within the limits")
    func grouping() async throws {
        let journal = try start(limits: JournalThread.GroupLimits(bytes: 1 << 20, entries: 10))
        disk.hold()
        submit(1, to: journal)
        #expect(await eventually { disk.state.withLock { $0.isHolding } })
        for index in 2...26 as ClosedRange<UInt64> { submit(index, to: journal) }
        #expect(journal.pendingSince != nil)
        #expect(reports.completed.withLock { $0.isEmpty })
        disk.release()
        #expect(await reports.wait(for: 26))
        #expect(await eventually { journal.status.statistics.entries == 26 })
        let statistics = journal.status.statistics
        #expect(statistics.batches - statistics.seals == 4)
        await stop(journal)
    }

    @Test("T29: No write is answered before the sync has returned, whatever it waits for")
    func answersAfterSync() async throws {
        let journal = try start()
        disk.hold()
        submit(1, to: journal)
        #expect(await eventually { disk.state.withLock { $0.isHolding } })
        let writes = disk.state.withLock { $0.writes }
        try await Task.sleep(for: .milliseconds(50))
        #expect(reports.completed.withLock { $0.isEmpty })
        #expect(disk.state.withLock { $0.writes } == writes)
        disk.release()
        #expect(await reports.wait(for: 1))
        await stop(journal)
        #expect(try recover().last.index == LogIndex(1))
    }

    @Test("A segment is filled beside the log once a quarter of the one before is used, and taken over at any moment")
    func fill() async throws {
        var parameters = JournalParameters.small
        parameters.segmentBytes = 4 << 20
        parameters.fillsSegments = true
        let journal = try start(parameters: parameters)
        for index in 1...3 as ClosedRange<UInt64> { submit(index, to: journal, bytes: 20_000) }
        #expect(await reports.wait(for: 3))
        // An idle log's next segment is not written.
        #expect(disk.state.withLock { $0.fills } == 0)
        for index in 4...700 as ClosedRange<UInt64> { submit(index, to: journal, bytes: 20_000) }
        #expect(await reports.wait(for: 700))
        #expect(journal.status.segmentCount > 3)
        #expect(disk.state.withLock { $0.fills } > 0)
        await stop(journal)
        #expect(try recover().entries.map(\.index.rawValue) == Array(1...700))
    }

    @Test("A write larger than the limit goes alone")
    func largeWrite() async throws {
        let journal = try start(limits: JournalThread.GroupLimits(bytes: 100, entries: 10))
        submit(1, to: journal, bytes: 50)
        submit(2, to: journal, bytes: 90_000)
        submit(3, to: journal, bytes: 50)
        #expect(await reports.wait(for: 3))
        await stop(journal)
        #expect(try recover().entries.map(\.data.count) == [50, 90_000, 50])
    }

    @Test("T36: A failed sync is reported once, and nothing is completed or written afterwards")
    func failure() async throws {
        let journal = try start()
        submit(1, to: journal)
        #expect(await reports.wait(for: 1))
        disk.hold()
        submit(2, to: journal)
        #expect(await eventually { disk.state.withLock { $0.isHolding } })
        submit(3, to: journal)
        submit(4, to: journal)
        disk.state.withLock { $0.failsAt = $0.syncs + 1 }
        disk.release()
        #expect(await eventually { reports.failures.withLock { !$0.isEmpty } })
        let writes = disk.state.withLock { $0.writes }
        submit(5, to: journal)
        journal.saveSnapshot(Fixture.snapshot(1, 1)) { _ in }
        try await Task.sleep(for: .milliseconds(300))
        #expect(disk.state.withLock { $0.writes } == writes)
        #expect(reports.failures.withLock { $0.count } == 1)
        #expect(reports.completed.withLock { $0 }.allSatisfy { $0 <= 2 })
        #expect(journal.status.hasFailed)
        await stop(journal)
        #expect(try recover().last.index >= LogIndex(1))
    }

    @Test("An idle journal writes one seal and is silent from then on")
    func idle() async throws {
        let journal = try start()
        submit(1, to: journal)
        #expect(await reports.wait(for: 1))
        #expect(await eventually { journal.status.statistics.seals == 1 })
        let writes = disk.state.withLock { $0.writes }
        try await Task.sleep(for: .milliseconds(500))
        #expect(disk.state.withLock { $0.writes } == writes)
        #expect(journal.status.statistics.batches == 2)
        await stop(journal)
        #expect(disk.state.withLock { $0.writes } == writes)
    }

    @Test("Snapshots are saved beside the log, and installed ones replace it")
    func snapshots() async throws {
        let journal = try start()
        for index in 1...10 as ClosedRange<UInt64> { submit(index, to: journal) }
        #expect(await reports.wait(for: 10))
        let failure = await withCheckedContinuation { done in
            journal.saveSnapshot(Fixture.snapshot(6, 1, bytes: 9000)) { done.resume(returning: $0) }
        }
        #expect(failure == nil)
        #expect(journal.status.snapshots.map(\.index.rawValue) == [6])
        await withCheckedContinuation { done in
            journal.submit(
                JournalWrite(hardState: Fixture.state(2, commit: 40), snapshot: Fixture.snapshot(40, 2))
            ) { _ in done.resume() }
        }
        await withCheckedContinuation { done in
            // Older than the one installed: nothing to be done.
            journal.saveSnapshot(Fixture.snapshot(8, 1)) {
                #expect($0 == nil)
                done.resume()
            }
        }
        await stop(journal)
        let recovered = try recover()
        #expect(recovered.snapshot == Fixture.snapshot(40, 2))
        #expect(recovered.entries.isEmpty)
        #expect(try FileSystemDisk().list(directory).filter { $0.hasSuffix(".snap") }.count == 1)
    }

    @Test("A snapshot overtakes a write that waits for room, because its mark may make some")
    func snapshotOvertakes() async throws {
        let journal = try start(limits: JournalThread.GroupLimits(bytes: 1 << 20, entries: 1))
        disk.state.withLock { $0.isFull = true }
        // Two segments of 64 KiB are there, each for two writes.
        for index in 1...12 as ClosedRange<UInt64> { submit(index, to: journal, bytes: 20_000) }
        #expect(await reports.wait(for: 4))
        #expect(await eventually { journal.status.space == .short })
        #expect(journal.status.segmentCount == 2)
        for index in [2, 4] as [UInt64] {
            let failure = await withCheckedContinuation { saved in
                journal.saveSnapshot(Fixture.snapshot(index, 1)) { saved.resume(returning: $0) }
            }
            #expect(failure == nil)
        }
        #expect(journal.status.snapshots.map(\.index.rawValue) == [4, 2])
        #expect(journal.status.segmentCount == 1)
        #expect(reports.completed.withLock { $0.count } == 4 && journal.pendingSince != nil)
        disk.state.withLock { $0.isFull = false }
        // What waited was given an older commit index than the snapshot has meanwhile.
        #expect(await reports.wait(for: 12))
        await stop(journal)
        #expect(reports.completed.withLock { $0 } == Array(1...12))
        let recovered = try recover()
        #expect(recovered.snapshot == Fixture.snapshot(4, 1) && recovered.last.index == LogIndex(12))
        #expect(recovered.hardState.commit == LogIndex(4))
    }

    @Test("A snapshot's file that can't be written ends a journal also while a write waits for room")
    func failureOvertakes() async throws {
        let journal = try start()
        disk.state.withLock { $0.isFull = true }
        for index in 1...12 as ClosedRange<UInt64> { submit(index, to: journal, bytes: 20_000) }
        #expect(await eventually { journal.status.space == .short && journal.pendingSince != nil })
        disk.state.withLock { $0.failsAt = $0.syncs + 1 }
        journal.saveSnapshot(Fixture.snapshot(2, 1)) { _ in Issue.record("saved") }
        #expect(await eventually { reports.failures.withLock { $0.count } == 1 })
        #expect(journal.status.hasFailed)
        await stop(journal)
    }

    @Test("Writes are grouped up to the limits, and what is no plain write goes alone")
    func groups() {
        let limits = JournalThread.GroupLimits(bytes: 1000, entries: 5)
        func write(_ entries: Int, bytes: Int = 10) -> JournalWrite {
            JournalWrite(entries: (0..<entries).map { Fixture.entry(UInt64($0) + 1, 1, bytes: bytes) })
        }
        let install = JournalWrite(snapshot: Fixture.snapshot(9, 1))
        #expect(limits.groupCount([write(1), write(0), write(3)]) == 3)
        #expect(limits.groupCount([write(2), write(3), write(1)]) == 2)
        #expect(limits.groupCount([write(1, bytes: 600), write(1, bytes: 400), write(1, bytes: 1)]) == 2)
        #expect(limits.groupCount([write(9), write(1)]) == 1)
        #expect(limits.groupCount([write(1, bytes: 5000), write(0)]) == 1)
        #expect(limits.groupCount([write(1), nil, write(1)]) == 1)
        #expect(limits.groupCount([nil, write(1)]) == 1)
        #expect(limits.groupCount([install, write(1)]) == 1)
        #expect(limits.groupCount([write(1), install]) == 1)
    }

    @Test("Writes without room wait, visibly, and are completed in order when there is some")
    func outOfSpace() async throws {
        let journal = try start()
        let told = Mutex<[JournalSpace]>([])
        journal.observeSpace { space in told.withLock { $0.append(space) } }
        #expect(await eventually { told.withLock { $0 } == [.ample] })
        disk.state.withLock { $0.isFull = true }
        for index in 1...12 as ClosedRange<UInt64> {
            submit(index, to: journal, bytes: 20_000)
            _ = await eventually {
                journal.pendingSince == nil || journal.status.space == .short
            }
        }
        #expect(await eventually { told.withLock { $0 } == [.ample, .short] })
        #expect(await eventually { journal.pendingSince != nil })
        #expect(reports.completed.withLock { $0.count } < 12)
        disk.state.withLock { $0.isFull = false }
        #expect(await reports.wait(for: 12))
        #expect(await eventually { told.withLock { $0 } == [.ample, .short, .ample] })
        await stop(journal)
        #expect(reports.completed.withLock { $0 } == Array(1...12))
        #expect(reports.failures.withLock { $0.isEmpty })
        #expect(try recover().entries.count == 12)
    }
}
