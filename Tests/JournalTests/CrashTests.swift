import Host
import Journal
import Primitives
import Raft
import Testing

@Suite("Crashes of the disk")
struct CrashTests {
    /// Images of a crash: all of them if few things are uncertain, else some by seed.
    private func images(after disk: FaultyDisk, seed: UInt64, samples: Int = 256) -> [DiskImage] {
        let bits = disk.image.uncertainties
        var generator = SeededGenerator(seed: seed)
        var images: [DiskImage] = []
        let areAll = bits <= 12 && 1 << bits <= samples
        let count = areAll ? 1 << bits : samples
        for number in 0..<count {
            var position = 0
            let image = disk.image.crashed {
                defer { position += 1 }
                return areAll ? number >> position & 1 == 1 : Bool.random(using: &generator)
            }
            images.append(image)
        }
        return images
    }

    /// Runs the workload until the disk crashes; answers what was acknowledged and what may be there besides, or nil if
    /// the workload came to its end.
    private func run(_ disk: FaultyDisk) throws -> (acknowledged: LogModel?, possible: [LogModel])? {
        var model: LogModel?
        var possible = [LogModel()]
        do {
            let log = try Fixture.create(on: disk)
            var acknowledged = LogModel()
            model = acknowledged
            for step in Step.workload {
                possible = step.outcomes(from: acknowledged)
                try step.perform(on: log)
                acknowledged = possible[possible.count - 1]
                model = acknowledged
            }
            return nil
        } catch JournalError.disk {
            return (model, possible)
        }
    }

    @Test("What a restarted process has read back is durable, whatever the kernel had shown it of files never synced")
    func processThenPower() throws {
        var operation = 1
        while true {
            let disk = Fixture.disk()
            disk.fault = (operation, .crash)
            guard let (acknowledged, _) = try run(disk) else { break }
            operation += 1
            guard acknowledged != nil else { continue }
            // The process ends and the kernel lives: everything written is there to be read.
            let second = FaultyDisk(disk.image)
            let (log, read) = try Fixture.open(on: second)
            let next = HardState(term: read.hardState.term.next, vote: nil, commit: read.hardState.commit)
            try log.append([JournalWrite(hardState: next)])
            log.close()
            // Then power fails, and nothing survives that was not synced.
            do {
                let recovered = try Fixture.recover(from: second.image.crashed { false })
                #expect(recovered.last == read.last, "operation \(operation - 1)")
                #expect(recovered.hardState.term == next.term, "operation \(operation - 1)")
            } catch {
                Issue.record("operation \(operation - 1) (\(disk.history.last!)): \(error)")
            }
        }
        #expect(operation > 50)
    }

    @Test("A crash at any operation, with any set of unsynced sectors, leaves what was acknowledged or what was begun")
    func crashAnywhere() throws {
        var operation = 1
        var recoveries = 0
        while true {
            let disk = Fixture.disk()
            disk.fault = (operation, .crash)
            guard let (acknowledged, possible) = try run(disk) else { break }
            for image in images(after: disk, seed: UInt64(operation)) {
                recoveries += 1
                do {
                    let recovered = try Fixture.recover(from: image)
                    let allowed = [acknowledged].compactMap(\.self) + possible
                    #expect(
                        allowed.contains { $0.matches(recovered) },
                        "operation \(operation) (\(disk.history.last!)): \(recovered.hardState) \(recovered.last)")
                } catch JournalError.missing where acknowledged == nil {
                    // The journal was never said to be made.
                } catch {
                    Issue.record("operation \(operation) (\(disk.history.last!)): \(error)")
                }
            }
            operation += 1
        }
        #expect(operation > 100)
        #expect(recoveries > 500)
        print("\(recoveries) crash images at \(operation - 1) operations recovered")
    }

    /// A disk that crashed somewhere in the middle, while a batch of several sectors was written.
    private func diskWithTornWrite() throws -> FaultyDisk {
        for operation in 41... {
            let disk = Fixture.disk()
            disk.fault = (operation, .crash)
            guard try run(disk) != nil else { break }
            if disk.history.last == .write && disk.image.uncertainties >= 3 { return disk }
        }
        throw DiskError(.write, "no write of several sectors", code: 0)
    }

    /// Opens the journal on a disk that crashes at an operation; nil if it is open before.
    private func crashWhileOpening(_ image: DiskImage, operation: Int) throws -> FaultyDisk? {
        let disk = FaultyDisk(image, fault: (operation, .crash))
        do {
            _ = try Fixture.open(on: disk)
            return nil
        } catch JournalError.disk {
            return disk
        }
    }

    @Test("A crash during recovery, with any set of unsynced sectors, changes nothing")
    func crashWhileRecovering() throws {
        for image in images(after: try diskWithTornWrite(), seed: 1, samples: 5) {
            let expected = try Fixture.recover(from: image)
            var operation = 1
            while let disk = try crashWhileOpening(image, operation: operation) {
                for second in images(after: disk, seed: UInt64(operation), samples: 16) {
                    let recovered = try Fixture.recover(from: second)
                    #expect(recovered.hardState == expected.hardState)
                    #expect(recovered.entries == expected.entries)
                    #expect(recovered.snapshot == expected.snapshot)
                }
                operation += 1
            }
            #expect(operation > 5)
        }
    }

    @Test("After any failed operation nothing more is written or acknowledged, and a restart has what was acknowledged")
    func failAnywhere() throws {
        var operation = 1
        while true {
            let disk = Fixture.disk()
            disk.fault = (operation, .fail(code: DiskError.deviceFailureCode))
            guard let (acknowledged, possible) = try run(disk) else { break }
            // The kernel may show what is not on the disk, or lose it: both restarts must be right.
            var images = images(after: disk, seed: UInt64(operation), samples: 8)
            images.append(disk.image.crashed { true })
            for image in images {
                do {
                    let recovered = try Fixture.recover(from: image)
                    #expect(([acknowledged].compactMap(\.self) + possible).contains { $0.matches(recovered) })
                } catch JournalError.missing where acknowledged == nil {
                    // The journal was never said to be made.
                } catch {
                    Issue.record("operation \(operation) (\(disk.history.last!)): \(error)")
                }
            }
            operation += 1
        }
        #expect(operation > 100)
    }

    @Test("A failed sync is never tried again", arguments: [DiskError.Operation.write, .sync])
    func failureIsFinal(kind: DiskError.Operation) throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk)
        try log.append([JournalWrite(hardState: Fixture.state(1), entries: [Fixture.entry(1, 1)])])
        let before = disk.operations
        disk.fault = (before + (kind == .write ? 1 : 2), .fail(code: DiskError.deviceFailureCode))
        #expect(throws: JournalError.self) { try log.append([JournalWrite(entries: [Fixture.entry(2, 1)])]) }
        let after = disk.operations
        #expect(throws: JournalError.stopped) { try log.append([JournalWrite(entries: [Fixture.entry(2, 1)])]) }
        #expect(throws: JournalError.stopped) { try log.append([]) }
        #expect(throws: JournalError.stopped) { try log.seal() }
        #expect(throws: JournalError.stopped) { try log.saveSnapshot(Fixture.snapshot(1, 1)) }
        #expect(throws: JournalError.stopped) { try log.reserveSpace() }
        #expect(disk.operations == after)
        #expect(disk.failures == 1)
    }

    @Test("What a restart read is durable before it is used, though the sync before it failed")
    func pageCacheLies() throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk)
        disk.fault = (disk.operations + 2, .fail(code: DiskError.deviceFailureCode))
        #expect(throws: JournalError.self) {
            try log.append([JournalWrite(hardState: Fixture.state(1, vote: 2))])
        }
        log.close()
        // The batch is visible, but no sync of this file ever succeeded; the process restarts on the same kernel.
        disk.fault = nil
        let (again, recovered) = try Fixture.open(on: disk)
        #expect(recovered.hardState.vote == NodeID(2))
        again.close()
        let afterPowerLoss = try Fixture.recover(from: disk.image.crashed { false })
        #expect(afterPowerLoss.hardState == recovered.hardState)
    }
}
