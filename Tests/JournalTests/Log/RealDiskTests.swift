import Glibc
import Host
import Journal
import Primitives
import Raft
import TestFiles
import Testing

@Suite("The host's file system")
struct RealDiskTests {
    private let scratch = TemporaryDirectory(named: "journal")
    private var directory: String { scratch.path + "/raft" }

    @Test("The whole workload comes back from a real disk")
    func workload() throws {
        let disk = FileSystemDisk()
        let log = try WriteAheadLog.create(
            on: disk, directory: directory, identity: Fixture.identity, parameters: Fixture.parameters, saltSeed: 1)
        var model = LogModel()
        for step in Step.workload {
            try step.perform(on: log)
            model = step.outcomes(from: model).last!
        }
        log.close()
        let (again, recovered) = try WriteAheadLog.open(
            on: disk, directory: directory, expecting: Fixture.identity, parameters: Fixture.parameters, saltSeed: 2)
        #expect(model.matches(recovered))
        again.close()
        #expect(try JournalInspection(on: disk, directory: directory).isSound)
    }

    @Test("Segments of the standard size are reserved at once, and for the owner alone")
    func standardSize() throws {
        let disk = FileSystemDisk()
        let log = try WriteAheadLog.create(
            on: disk, directory: directory, identity: Fixture.identity, parameters: .standard, saltSeed: 1)
        try log.append([JournalWrite(hardState: Fixture.state(1), entries: [Fixture.entry(1, 1)])])
        #expect(log.statistics.bytesWritten < 1000)
        log.close()
        for name in try disk.list(directory) {
            var status = stat()
            #expect(stat(directory + "/" + name, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
            if name.hasPrefix("wal") { #expect(status.st_size == 64 << 20) }
            if name != "LOCK" { #expect(status.st_blocks * 512 >= 64 << 20) }
        }
        var status = stat()
        #expect(stat(directory, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o700)
        let (again, recovered) = try WriteAheadLog.open(
            on: disk, directory: directory, expecting: nil, parameters: .standard, saltSeed: 2)
        #expect(recovered.entries == [Fixture.entry(1, 1)])
        again.close()
    }
}
