import DiskFaults
import Host
import Journal
import Primitives
import Raft
import Testing

@Suite("Damage")
struct DamageTests {
    private func isSame(_ left: RecoveredJournal, _ right: RecoveredJournal) -> Bool {
        left.hardState == right.hardState && left.snapshot == right.snapshot && left.entries == right.entries
    }

    /// What a byte is changed by: each bit of it where something was written, else one bit; all bits; a few at random.
    private func patterns(_ byte: UInt8, _ generator: inout SeededGenerator) -> [UInt8] {
        let bits: [UInt8] = byte == 0 ? [1 << UInt8.random(in: 0..<8, using: &generator)] : (0..<8).map { 1 << $0 }
        return bits + [0xff, UInt8.random(in: 1...255, using: &generator)]
    }

    @Test("No flipped byte of a log of three segments is silently accepted", arguments: [0, 1, 2])
    func flipEveryByte(segment: Int) throws {
        let (image, expected) = try SoundLog.make()
        let (path, file) = SoundLog.files(of: image, ".log")[segment]
        let content = image.files[file]!.visible
        var generator = SeededGenerator(seed: UInt64(segment))
        var refusals = 0
        var flips = 0
        for offset in content.indices {
            for pattern in patterns(content[offset], &generator) {
                flips += 1
                var flipped = image
                flipped.write([content[offset] ^ pattern], at: offset, file: file)
                let inspection = try JournalInspection(on: FaultyDisk(flipped), directory: Fixture.directory)
                if let recovered = inspection.recovered {
                    let isUnchanged = isSame(recovered, expected)
                    // Only what was never acknowledged may be cut off: here the seal and the zeros behind it.
                    #expect(isUnchanged && segment == 2, "byte \(offset) of \(path)")
                    #expect(recovered.bytesCut > 0)
                } else {
                    refusals += 1
                    #expect(inspection.problems.allSatisfy { $0.exitCode == 70 })
                    #expect(
                        inspection.problems.contains { $0.description.contains(path) }, "byte \(offset) of \(path)")
                }
            }
        }
        #expect(content.count == 6144 && flips >= 3 * 6144)
        #expect(segment == 2 ? refusals > 3 * 4096 : refusals == flips)
        print("\(flips) flips in all \(content.count) bytes of segment \(segment), \(refusals) refused")
    }

    @Test("No flipped byte of a snapshot is silently accepted")
    func flipSnapshot() throws {
        let (image, _) = try SoundLog.make()
        let (path, file) = SoundLog.files(of: image, ".snap")[0]
        for offset in image.files[file]!.visible.indices {
            for bit in 0..<8 as Range<UInt8> {
                var flipped = image
                flipped.write([image.files[file]!.visible[offset] ^ 1 << bit], at: offset, file: file)
                let refusal = Fixture.refusal(on: FaultyDisk(flipped))
                #expect(refusal?.exitCode == 70, "byte \(offset) of \(path)")
            }
        }
        for length in 0..<image.files[file]!.visible.count {
            var short = image
            short.setLength(length, file: file)
            #expect(throws: JournalError.self) { try Fixture.recover(from: short) }
        }
    }

    @Test("T33: The last batch torn at any byte is cut off, and the log goes on")
    func tornTail() throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk)
        try log.append([JournalWrite(hardState: Fixture.state(1, vote: 2), entries: [Fixture.entry(1, 1)])])
        let before = disk.image
        try log.append([JournalWrite(entries: [Fixture.entry(2, 1, bytes: 100), Fixture.entry(3, 1, bytes: 50)])])
        let after = disk.image
        let (_, file) = SoundLog.files(of: after, ".log")[0]
        let (old, new) = (before.files[file]!.visible, after.files[file]!.visible)
        let start = old.indices.first { old[$0] != new[$0] }!
        let end = old.indices.last { old[$0] != new[$0] }! + 1
        for length in start..<end {
            var torn = before
            torn.write(Array(new[start..<length]), at: start, file: file)
            torn.sync(file: file)
            let restarted = FaultyDisk(torn)
            let (again, recovered) = try Fixture.open(on: restarted)
            #expect(recovered.entries == [Fixture.entry(1, 1)])
            #expect(recovered.bytesCut <= length - start)
            try again.append([JournalWrite(entries: [Fixture.entry(2, 1, bytes: 60)])])
            again.close()
            let later = try Fixture.recover(from: restarted.image.crashed { false })
            #expect(later.entries == [Fixture.entry(1, 1), Fixture.entry(2, 1, bytes: 60)])
            #expect(later.bytesCut == 0)
        }
    }

    @Test("T33: A last batch with any set of its sectors written is either read whole or cut off")
    func tornSectors() throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk)
        try log.append([JournalWrite(hardState: Fixture.state(1, vote: 2), entries: [Fixture.entry(1, 1)])])
        disk.fault = (disk.operations + 2, .crash(keepsBytes: nil))
        #expect(throws: JournalError.self) {
            try log.append([JournalWrite(entries: (2...6).map { Fixture.entry($0, 1, bytes: 500) })])
        }
        #expect((5...CrashBound.exhaustive).contains(disk.image.uncertainties))
        var whole = 0
        let images = try CrashBound.forEachImage(disk.image, seed: 1) { image in
            let (again, recovered) = try Fixture.open(on: FaultyDisk(image))
            #expect(recovered.entries.count == 1 || recovered.entries.count == 6)
            if recovered.entries.count == 6 { whole += 1 }
            let next = Fixture.entry(UInt64(recovered.entries.count) + 1, 1)
            try again.append([JournalWrite(entries: [next])])
            #expect(again.last.index == next.index)
            again.close()
        }
        #expect(images == 1 << disk.image.uncertainties && whole > 0 && whole < images / 8)
    }

    @Test("T34: A bad bit in an earlier batch is refused with file, offset and index range, and nothing is changed")
    func damageBeforeTail() throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk)
        var starts: [Int] = []
        for index in 1...5 as ClosedRange<UInt64> {
            starts.append(log.statistics.bytesWritten + 4096)
            try log.append([JournalWrite(hardState: Fixture.state(1), entries: [Fixture.entry(index, 1)])])
        }
        log.close()
        let (path, file) = SoundLog.files(of: disk.image, ".log")[0]
        for (damaged, bit) in (0..<4).flatMap({ batch in (0..<8 * 64).map { (batch, $0) } }) {
            var image = disk.image
            // Bits of the head, which is 64 bytes long, and some of the body.
            let offset = starts[damaged] + bit / 8 + (bit % 3 == 0 ? 30 : 0)
            image.write([image.files[file]!.visible[offset] ^ 1 << UInt8(bit % 8)], at: offset, file: file)
            let restarted = FaultyDisk(image)
            guard case .damaged(let damage)? = Fixture.refusal(on: restarted) else {
                Issue.record("accepted damage to batch \(damaged + 1)")
                continue
            }
            #expect(damage.file == path)
            #expect(damage.offset == starts[damaged])
            #expect(damage.firstIndex == UInt64(damaged + 1))
            #expect(damage.lastIndex == 5)
            #expect(damage.description.contains("blixard cluster remove"))
            #expect(restarted.image.files[file] == image.files[file])
        }
    }

    @Test("A sealed last batch is known to have been durable, so damage to it is refused")
    func sealProves() throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk)
        try log.append([JournalWrite(hardState: Fixture.state(1), entries: [Fixture.entry(1, 1)])])
        let (_, file) = SoundLog.files(of: disk.image, ".log")[0]
        func withDamage() -> DiskImage {
            var image = disk.image
            image.write([image.files[file]!.visible[4096 + 70] ^ 1], at: 4096 + 70, file: file)
            return image
        }
        #expect(try Fixture.recover(from: withDamage()).bytesCut > 0)
        try log.seal()
        #expect(throws: JournalError.self) { try Fixture.recover(from: withDamage()) }
    }

    @Test("T35: A log whose last segments are gone ends before what was committed, and is refused")
    func shorterThanCommitted() throws {
        let (image, _) = try SoundLog.make()
        let logs = SoundLog.files(of: image, ".log")
        for kept in 1...2 {
            var short = image
            for gone in logs[kept...] { short.remove(gone.path) }
            guard case .damaged(let damage)? = Fixture.refusal(on: FaultyDisk(short)) else {
                Issue.record("accepted a log without its last \(3 - kept) segments")
                continue
            }
            #expect(damage.file == logs[kept - 1].path)
            #expect(damage.reason.contains("segment \(kept + 1)"))
            #expect(damage.firstIndex != nil)
        }
    }

    @Test("T35: A segment that is gone, cut short or exchanged is noticed", arguments: [0, 1, 2])
    func missingSegment(number: Int) throws {
        let (image, _) = try SoundLog.make()
        let logs = SoundLog.files(of: image, ".log")
        func refuses(_ change: (inout DiskImage) -> Void) {
            var changed = image
            change(&changed)
            let refusal = Fixture.refusal(on: FaultyDisk(changed))
            #expect(refusal?.exitCode == 70, "\(String(describing: refusal))")
        }
        // The snapshot includes everything of the first one, as if it had been dropped.
        if number > 0 { refuses { $0.remove(logs[number].path) } }
        refuses { $0.setLength(6143, file: logs[number].file) }
        refuses { $0.setLength(6145, file: logs[number].file) }
        refuses { $0.setLength(0, file: logs[number].file) }
        let other = logs[(number + 1) % 3]
        refuses { $0.exchange(logs[number].path, other.path) }
    }

    @Test("A bad newest snapshot gives way to the one before it and the log, and that is told")
    func olderSnapshot() throws {
        let disk = try Fixture.twoSnapshots()
        let snapshots = SoundLog.files(of: disk.image, ".snap")
        #expect(snapshots.count == 2)
        var image = disk.image
        image.write([0xff], at: 200, file: snapshots[1].file)
        let inspection = try JournalInspection(on: FaultyDisk(image), directory: Fixture.directory)
        #expect(!inspection.isSound)
        let restarted = FaultyDisk(image)
        let (again, recovered) = try Fixture.open(on: restarted)
        #expect(recovered.unreadableSnapshot?.file == snapshots[1].path)
        #expect(recovered.snapshot == Fixture.snapshot(3, 1))
        #expect(recovered.entries.map(\.index.rawValue) == [4, 5, 6, 7, 8, 9])
        #expect(recovered.hardState.commit == LogIndex(8))
        try again.saveSnapshot(Fixture.snapshot(8, 1))
        again.close()
        #expect(try Fixture.recover(from: restarted.image).snapshot == Fixture.snapshot(8, 1))
        image.write([0xff], at: 200, file: snapshots[0].file)
        #expect(throws: JournalError.self) { try Fixture.recover(from: image) }
    }

    @Test("Bytes of a whole other log in an entry don't look like batches", arguments: 0..<8)
    func foreignBatches(shift: Int) throws {
        let (image, _) = try SoundLog.make()
        let foreign = image.files[SoundLog.files(of: image, ".log")[0].file]!.visible
        let disk = Fixture.disk()
        let log = try WriteAheadLog.create(
            on: disk, directory: Fixture.directory, identity: Fixture.identity, parameters: .small, saltSeed: 99)
        try log.append([JournalWrite(hardState: Fixture.state(1), entries: [Fixture.entry(1, 1)])])
        let head = 4096 + log.statistics.bytesWritten
        let payload = [UInt8](repeating: 0, count: shift) + foreign
        try log.append([
            JournalWrite(entries: [Entry(term: Term(1), index: LogIndex(2), kind: .normal, data: payload)])
        ])
        // The batch's head is lost; its body, with the other log's batches, is there.
        disk.image.write([0, 0, 0, 0], at: head, file: SoundLog.files(of: disk.image, ".log")[0].file)
        let recovered = try Fixture.recover(from: disk.image)
        #expect(recovered.entries == [Fixture.entry(1, 1)])
        #expect(recovered.bytesCut > 6144)
    }
}
