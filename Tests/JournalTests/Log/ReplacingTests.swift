import DiskFaults
import Host
import Journal
import Raft
import Testing

@Suite("A log made in the place of another")
struct ReplacingTests {
    private static let newer = JournalIdentity(clusterID: "c-2", nodeID: NodeID(1), incarnation: 0)

    private func replace(_ disk: FaultyDisk, if isDispensable: Bool = true) throws(JournalError) -> WriteAheadLog {
        try WriteAheadLog.create(
            on: disk, directory: Fixture.directory, identity: Self.newer, parameters: Fixture.parameters, saltSeed: 13,
            replacing: { _ in isDispensable })
    }

    /// A log with one entry, its process gone.
    private func small() throws -> FaultyDisk {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk)
        try log.append([JournalWrite(hardState: Fixture.state(1, commit: 1), entries: [Fixture.entry(1, 1)])])
        log.close()
        return disk
    }

    @Test(
        "A log that may go is replaced, one that may not is left as it is, and a directory without one needs no leave")
    func judged() throws {
        let disk = try small()
        let image = disk.image
        let refusal = #expect(throws: JournalError.self) { _ = try replace(disk, if: false) }
        #expect(refusal == .alreadyThere(directory: Fixture.directory))
        #expect(disk.image == image)
        try replace(disk).close()
        let (log, recovered) = try WriteAheadLog.open(
            on: disk, directory: Fixture.directory, expecting: Self.newer, parameters: Fixture.parameters, saltSeed: 1)
        #expect(recovered.last.index == .zero)
        log.close()
        try replace(Fixture.disk(), if: false).close()
    }

    @Test("A log that is open is not judged")
    func open() throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk)
        let image = disk.image
        guard case .locked? = #expect(throws: JournalError.self, performing: { _ = try replace(disk) }) else {
            Issue.record("replaced an open log")
            return
        }
        #expect(disk.image == image)
        log.close()
    }

    @Test("A crash at any operation of replacing leaves the old log, none, or the new one, and it can be done again")
    func crashes() throws {
        var operation = 1
        while true {
            let disk = try small()
            disk.fault = (disk.operations + operation, .crash(keepsBytes: nil))
            do {
                try replace(disk).close()
                break
            } catch JournalError.disk {
                // It stopped there.
            }
            try CrashBound.forEachImage(disk.image, seed: UInt64(operation), samples: 64) { image in
                do {
                    let inspection = try JournalInspection(on: FaultyDisk(image), directory: Fixture.directory)
                    let found = try #require(inspection.recovered)
                    #expect(found.identity == Self.newer || found.last.index == LogIndex(1))
                } catch JournalError.missing {
                    // The old one is gone, and the new one is not there.
                }
                try replace(FaultyDisk(image)).close()
            }
            operation += 1
        }
        #expect(operation > 5)
    }
}
