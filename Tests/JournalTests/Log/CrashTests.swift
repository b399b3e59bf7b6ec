import DiskFaults
import Host
import Journal
import Primitives
import Raft
import Testing

/// What a workload left when its disk stopped.
struct Interruption {
    /// What the log had acknowledged; nil if it was not said to be made yet.
    var acknowledged: LogModel?
    /// What may be there besides, because it was begun.
    var possible: [LogModel]

    /// Runs a workload on a new log until the disk fails it; nil if it came to its end.
    static func of(
        _ workload: [Step], on disk: FaultyDisk, parameters: JournalParameters
    ) throws -> Interruption? {
        var interruption = Interruption(acknowledged: nil, possible: [LogModel()])
        do {
            let log = try Fixture.create(on: disk, parameters: parameters)
            var model = LogModel()
            interruption.acknowledged = model
            for step in workload {
                interruption.possible = step.outcomes(from: model)
                try step.perform(on: log)
                model = interruption.possible[interruption.possible.count - 1]
                interruption.acknowledged = model
            }
            return nil
        } catch JournalError.disk {
            return interruption
        }
    }

    /// Checks that a state of the disk recovers to what was acknowledged or begun.
    func check(_ image: DiskImage, _ place: @autoclosure () -> String) {
        do {
            let recovered = try Fixture.recover(from: image)
            let isAllowed = ([acknowledged].compactMap(\.self) + possible).contains { $0.matches(recovered) }
            #expect(isAllowed, "\(place()): \(recovered.hardState) \(recovered.last)")
        } catch JournalError.missing where acknowledged == nil {
            // The journal was never said to be made.
        } catch {
            Issue.record("\(place()): \(error)")
        }
    }
}

@Suite("Crashes of the disk")
struct CrashTests {
    /// Segments that are filled with zeros beforehand, and segments that are only reserved.
    static let manners: [JournalParameters] = {
        var filled = Fixture.parameters
        filled.fillsSegments = true
        return [Fixture.parameters, filled]
    }()

    @Test("A crash at any operation, with any set of unsynced sectors, leaves what was acknowledged or what was begun")
    func crashAnywhere() throws {
        var operation = 1
        var recoveries = 0
        var sampled = 0
        while true {
            let disk = Fixture.disk()
            disk.fault = (operation, .crash(keepsBytes: nil))
            guard let interruption = try Interruption.of(Step.workload, on: disk, parameters: Fixture.parameters) else {
                break
            }
            if disk.image.uncertainties > CrashBound.exhaustive { sampled += 1 }
            recoveries += CrashBound.forEachImage(disk.image, seed: UInt64(operation)) {
                interruption.check($0, "operation \(operation) (\(disk.history.last!))")
            }
            operation += 1
        }
        #expect(operation > 100)
        #expect(recoveries > 500)
        print("\(recoveries) crash images at \(operation - 1) operations recovered, \(sampled) operations by samples")
    }

    @Test("What a restarted process has read back is durable, whatever the kernel had shown it of files never synced")
    func processThenPower() throws {
        var operation = 1
        while true {
            let disk = Fixture.disk()
            disk.fault = (operation, .crash(keepsBytes: nil))
            guard let interruption = try Interruption.of(Step.workload, on: disk, parameters: Fixture.parameters) else {
                break
            }
            operation += 1
            guard interruption.acknowledged != nil else { continue }
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

    /// The workload, up to its first failed operation by this fault.
    private func interrupted(_ operation: Int, _ fault: FaultyDisk.Fault) throws -> (FaultyDisk, Interruption)? {
        let disk = Fixture.disk()
        disk.fault = (operation, fault)
        guard let interruption = try Interruption.of(Step.workload, on: disk, parameters: Fixture.parameters) else {
            return nil
        }
        return (disk, interruption)
    }

    /// A disk that crashed somewhere in the middle, while a batch of several sectors was written.
    private func diskWithTornWrite() throws -> FaultyDisk {
        for operation in 41... {
            guard let (disk, _) = try interrupted(operation, .crash(keepsBytes: nil)) else { break }
            if disk.history.last == .write && disk.image.uncertainties >= 3 { return disk }
        }
        throw DiskError(.write, "no write of several sectors", code: 0)
    }

    /// Opens the journal on a disk that crashes at an operation; nil if it is open before.
    private func crashWhileOpening(
        _ image: DiskImage, operation: Int, parameters: JournalParameters
    ) throws -> FaultyDisk? {
        let disk = FaultyDisk(image, fault: (operation, .crash(keepsBytes: nil)))
        do {
            _ = try Fixture.open(on: disk, parameters: parameters)
            return nil
        } catch JournalError.disk {
            return disk
        }
    }

    @Test("A crash during recovery, with any set of unsynced sectors, changes nothing", arguments: manners)
    func crashWhileRecovering(parameters: JournalParameters) throws {
        try CrashBound.forEachImage(try diskWithTornWrite().image, seed: 1, samples: 5) { image in
            let expected = try Fixture.recover(from: image)
            var operation = 1
            while let disk = try crashWhileOpening(image, operation: operation, parameters: parameters) {
                try CrashBound.forEachImage(disk.image, seed: UInt64(operation), samples: 64) { second in
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

    @Test("A failed read during recovery is told, changes nothing, and the next start is as if it had not been")
    func failWhileReading() throws {
        let image = try diskWithTornWrite().image
        let expected = try Fixture.recover(from: image)
        var look = 1
        while true {
            let disk = FaultyDisk(image)
            disk.failingLook = look
            guard let refusal = Fixture.refusal(on: disk) else { break }
            guard case .disk = refusal else {
                Issue.record("read \(look): \(refusal)")
                return
            }
            #expect(refusal.exitCode == 74)
            let recovered = try Fixture.recover(from: disk.image)
            #expect(recovered.hardState == expected.hardState && recovered.entries == expected.entries)
            look += 1
        }
        #expect(look > 8)
    }

    @Test(
        "After any failed operation nothing more is written or acknowledged, and a restart has what was acknowledged",
        arguments: [DiskError.deviceFailureCode, 13, 30])
    func failAnywhere(code: Int32) throws {
        var operation = 1
        while let (disk, interruption) = try interrupted(operation, .fail(code: code)) {
            // The kernel may show what is not on the disk, or lose it: both restarts must be right.
            let place = "operation \(operation) (\(disk.history.last!))"
            CrashBound.forEachImage(disk.image, seed: UInt64(operation), samples: 8) { interruption.check($0, place) }
            interruption.check(disk.image.crashed { true }, place)
            operation += 1
        }
        // The last run had no failure left to meet.
        #expect(operation > 100)
    }

    @Test(
        "T36: A failed write or sync is the end: never tried again, nothing acknowledged after it",
        arguments: [DiskError.Operation.write, .sync])
    func failureIsFinal(kind: DiskError.Operation) throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk)
        try log.append([JournalWrite(hardState: Fixture.state(1), entries: [Fixture.entry(1, 1)])])
        let before = disk.operations
        disk.fault = (before + (kind == .write ? 1 : 2), .fail(code: DiskError.deviceFailureCode))
        #expect(throws: JournalError.self) { try log.append([JournalWrite(entries: [Fixture.entry(2, 1)])]) }
        #expect(disk.history.last == kind)
        let after = disk.operations
        #expect(throws: JournalError.stopped) { try log.append([JournalWrite(entries: [Fixture.entry(2, 1)])]) }
        #expect(throws: JournalError.stopped) { try log.append([]) }
        #expect(throws: JournalError.stopped) { try log.seal() }
        #expect(throws: JournalError.stopped) { try log.saveSnapshot(Fixture.snapshot(1, 1)) }
        #expect(throws: JournalError.stopped) { try log.reserveSpace() }
        #expect(disk.operations == after)
        #expect(disk.failures == 1)
        let recovered = try Fixture.recover(from: disk.image.crashed { false })
        #expect(recovered.entries == [Fixture.entry(1, 1)])
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
