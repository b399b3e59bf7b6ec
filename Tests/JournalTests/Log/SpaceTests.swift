import DiskFaults
import Host
import Journal
import Primitives
import Raft
import Testing

@Suite("A full disk")
struct SpaceTests {
    private static let reserving = JournalParameters(
        segmentBytes: 8192, hardStateBytes: 1024, reserveBytes: 8192, snapshotChunkBytes: 100)

    private func write(_ index: UInt64, bytes: Int = 1000) -> JournalWrite {
        JournalWrite(hardState: Fixture.state(1, vote: 3), entries: [Fixture.entry(index, 1, bytes: bytes)])
    }

    @Test("T37: A disk of every size takes a beginning of the work, refuses the rest whole, and goes on with room")
    func everyCapacity() throws {
        var capacity: Int? = 0
        var kinds = 0
        while let bytes = capacity {
            capacity = try workThrough(bytes)
            kinds += 1
        }
        #expect(kinds > 20)
        print("\(kinds) kinds of full disks")
    }

    /// Does the workload on a disk of this size, and after the first refusal the rest with room; answers the least
    /// larger size that makes a difference: all between behave alike, because nothing else is asked of the size.
    private func workThrough(_ capacity: Int) throws -> Int? {
        let disk = Fixture.disk()
        disk.capacity = capacity
        guard let log = try create(on: disk) else { return disk.leastRefused }
        defer { log.close() }
        var model = LogModel()
        var refused: [Step] = []
        for step in Step.workload {
            guard refused.isEmpty, try perform(step, on: log) else {
                refused.append(step)
                continue
            }
            model = step.outcomes(from: model).last!
        }
        let next = disk.leastRefused
        if !refused.isEmpty {
            // A snapshot within the refused step may have been installed before the rest of it found no room.
            let recovered = try Fixture.recover(from: disk.image)
            let possible = [model] + refused[0].outcomes(from: model)
            #expect(possible.contains { $0.matches(recovered) }, "\(capacity) bytes")
            guard model.matches(recovered) else { return next }
        }
        disk.capacity = nil
        try log.reserveSpace()
        #expect(log.space == .ample)
        for step in refused {
            try step.perform(on: log)
            model = step.outcomes(from: model).last!
        }
        #expect(model.matches(try Fixture.recover(from: disk.image)), "\(capacity) bytes")
        return next
    }

    @Test("T37: A write that ends short at any byte is not acknowledged, ends the log, and leaves no torn record")
    func shortWrites() throws {
        let whole = Fixture.disk()
        let log = try Fixture.create(on: whole)
        for step in Step.workload { try step.perform(on: log) }
        log.close()
        var tried = 0
        for operation in 1...whole.operations where whole.history[operation - 1] == .write {
            // Every sector's edge, and the bytes around it.
            let edges = stride(from: 0, to: 10_000, by: 512).flatMap { [$0, $0 + 1, $0 + 70] }
            for bytes in [5, 63, 64, 65] + edges {
                let disk = Fixture.disk()
                disk.fault = (operation, .short(bytes: bytes))
                tried += 1
                do {
                    if let interruption = try Interruption.of(
                        Step.workload, on: disk, parameters: Fixture.parameters)
                    {
                        interruption.check(disk.image.crashed { true }, "operation \(operation), \(bytes) bytes")
                    }
                } catch JournalError.outOfSpace {
                    // Nothing was lost by it: a snapshot's file, or a segment's head, that has no meaning yet.
                    #expect(Fixture.refusal(on: FaultyDisk(disk.image.crashed { true }))?.exitCode != 70)
                }
                guard bytes < disk.lastWriteBytes else { break }
            }
        }
        #expect(tried > 100)
    }

    private func create(on disk: FaultyDisk) throws -> WriteAheadLog? {
        do {
            return try Fixture.create(on: disk)
        } catch JournalError.outOfSpace {
            return nil
        }
    }

    private func perform(_ step: Step, on log: WriteAheadLog) throws -> Bool {
        do {
            try step.perform(on: log)
            return true
        } catch JournalError.outOfSpace {
            return false
        }
    }

    @Test(
        "A lack of space is told before a write is refused, votes go on long after, and refused writes leave no trace")
    func short() throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk)
        #expect(log.space == .ample)
        // The current segment and the next one are there; no other can be had.
        disk.capacity = 2 * 8192
        var index: UInt64 = 0
        while log.space == .ample {
            index += 1
            try log.append([write(index)])
        }
        let told = index
        while try perform(.append([write(index + 1)]), on: log) { index += 1 }
        #expect(index > told)
        let image = disk.image
        #expect(try !perform(.append([write(index + 1)]), on: log))
        #expect(disk.image.visibleNames == image.visibleNames)
        for file in image.visibleNames.values { #expect(disk.image.files[file] == image.files[file]) }
        #expect(try !perform(.append([write(index + 1, bytes: 20_000)]), on: log))
        var term: UInt64 = 1
        while try perform(.append([JournalWrite(hardState: Fixture.state(term + 1, vote: 2))]), on: log) { term += 1 }
        #expect(term > 8)
        let recovered = try Fixture.recover(from: disk.image)
        #expect(recovered.hardState == Fixture.state(term, vote: 2))
        #expect(recovered.entries.count == Int(index))
        disk.capacity = nil
        try log.reserveSpace()
        #expect(log.space == .ample)
        try log.append([JournalWrite(hardState: Fixture.state(term + 1), entries: [Fixture.entry(index + 1, 1)])])
        #expect(try Fixture.recover(from: disk.image).last.index == LogIndex(index + 1))
    }

    @Test(
        "A next segment that was lengthened by a part, for a large write that found no room, is not used",
        arguments: [1, 4096, 15_000])
    func partlyLengthened(bytes: Int) throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk)
        try log.append([write(1)])
        disk.fault = (disk.operations + 1, .short(bytes: bytes))
        #expect(try !perform(.append([write(2, bytes: 20_000)]), on: log))
        #expect(disk.history.last != .allocate, "what is left of it is removed")
        var index: UInt64 = 1
        // Through the next segment and the one after.
        while log.segmentCount < 3 {
            index += 1
            try log.append([write(index)])
        }
        try log.append([write(index + 1, bytes: 20_000)])
        log.close()
        let recovered = try Fixture.recover(from: disk.image)
        #expect(recovered.last.index == LogIndex(index + 1))
    }

    @Test("A snapshot that finds no room takes the reserve, so that the log can be shortened")
    func reserve() throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk, parameters: Self.reserving)
        for index in 1...20 as ClosedRange<UInt64> { try log.append([write(index)]) }
        let used = disk.image.visibleBytes
        disk.capacity = used
        try log.saveSnapshot(Fixture.snapshot(10, 1, bytes: 5000))
        #expect(log.space == .short)
        try log.saveSnapshot(Fixture.snapshot(19, 1, bytes: 1000))
        #expect(log.statistics.segmentsRemoved > 0)
        try log.reserveSpace()
        #expect(log.space == .ample)
        #expect(try Fixture.recover(from: disk.image).snapshot == Fixture.snapshot(19, 1, bytes: 1000))
    }

    @Test("A snapshot for which there is no room at all changes nothing and stops nothing")
    func noRoomForSnapshot() throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk, parameters: Self.reserving)
        try log.append([write(1), write(2)])
        disk.capacity = 3 * 8192
        #expect(try !perform(.save(Fixture.snapshot(1, 1, bytes: 50_000)), on: log))
        #expect(try !perform(.append([JournalWrite(snapshot: Fixture.snapshot(9, 1, bytes: 50_000))]), on: log))
        #expect(!disk.image.names(in: Fixture.directory).contains { $0.contains("snap") })
        try log.append([write(3)])
        #expect(try Fixture.recover(from: disk.image).last.index == LogIndex(3))
    }
}
