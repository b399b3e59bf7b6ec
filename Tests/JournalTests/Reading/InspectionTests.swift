import DiskFaults
import Host
import Journal
import Raft
import Testing

@Suite("Inspection")
struct InspectionTests {
    @Test("An inspection tells what is there and changes nothing")
    func inspection() throws {
        let (image, expected) = try SoundLog.make()
        let disk = FaultyDisk(image)
        let inspection = try JournalInspection(on: disk, directory: Fixture.directory)
        #expect(disk.image == image && disk.operations == 0)
        #expect(inspection.isSound)
        #expect(inspection.segments.map(\.sequence) == [1, 2, 3])
        #expect(inspection.segments.map(\.indexes) == [1...2, 3...3, 4...5])
        #expect(inspection.snapshots.map(\.position.index.rawValue) == [2])
        #expect(inspection.segments.map(\.terms) == [1...1, 1...1, 1...2])
        #expect(inspection.segments.map(\.ending) == [.clean, .clean, .clean])
        #expect(inspection.segments.map(\.seals) == [0, 0, 1])
        #expect(inspection.segments.last?.hardState == expected.hardState)
        #expect(inspection.identity == Fixture.identity)
        #expect(inspection.holder == nil && inspection.entries.isEmpty)
        #expect(inspection.snapshots.map(\.isRecorded) == [true])
        #expect(try #require(inspection.recovered).entries == expected.entries)
        let some = try JournalInspection(on: disk, directory: Fixture.directory, entries: 2...4)
        #expect(some.entries.map(\.index) == [2, 3, 4])
        #expect(some.entries.map(\.bytes) == [300, 700, 600])
        #expect(some.entries.allSatisfy { !$0.isReplaced && $0.offset >= 4096 })
        #expect(throws: JournalError.missing(directory: "/node")) {
            try JournalInspection(on: disk, directory: "/node")
        }
    }

    @Test("An inspection lists replaced entries as such, and a damaged file that the log does not name is no problem")
    func inspectedEntries() throws {
        let disk = Fixture.disk()
        let log = try Fixture.create(on: disk)
        try log.append([JournalWrite(hardState: Fixture.state(1), entries: (1...4).map { Fixture.entry($0, 1) })])
        try log.append([JournalWrite(hardState: Fixture.state(2), entries: [Fixture.entry(3, 2)])])
        log.close()
        let file = disk.image.create(Fixture.directory + "/snap-0000000000000002-0000000000000001.snap")
        disk.image.write([1, 2, 3], at: 0, file: file)
        let inspection = try JournalInspection(on: disk, directory: Fixture.directory, entries: 2...9)
        #expect(inspection.entries.map(\.index) == [2, 3, 4, 3])
        #expect(inspection.entries.map(\.isReplaced) == [false, true, true, false])
        #expect(inspection.snapshots.map(\.isRecorded) == [false])
        #expect(inspection.snapshots[0].problem != nil && inspection.isSound)
    }
}
