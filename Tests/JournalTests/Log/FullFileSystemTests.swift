import Glibc
import Host
import Journal
import Primitives
import Raft
import TestFiles
import Testing

/// A file system in memory of a few megabytes, mounted for one test.
private final class SmallFileSystem {
    /// Removed after the file system has been taken off it.
    private let mountPoint = TemporaryDirectory(named: "journal-full")

    /// Why none can be mounted here.
    static let obstacle: String? = getuid() == 0 ? nil : "only root may mount a file system"

    init(bytes: Int) throws {
        let code = mount("tmpfs", path, "tmpfs", UInt(MS_NOSUID | MS_NODEV), "size=\(bytes),mode=0700")
        guard code == 0 else {
            let reason = String(cString: strerror(errno))
            throw DiskError(.createDirectory, "\(path) as a tmpfs: \(reason)", code: errno)
        }
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }

    var path: String { mountPoint.path }

    /// Takes so much of the space; given back by the next call.
    func takeUp(_ bytes: Int) throws(DiskError) {
        let disk = FileSystemDisk()
        do {
            try disk.remove(path + "/ballast")
        } catch  where error.isNotFound {
            // None was there.
        }
        guard bytes > 0 else { return }
        let ballast = try disk.create(path + "/ballast")
        defer { ballast.close() }
        try ballast.allocate(bytes)
    }

    var freeBytes: Int {
        var facts = statvfs()
        return statvfs(path, &facts) == 0 ? Int(facts.f_bavail) * Int(facts.f_frsize) : 0
    }
}

@Suite(
    "A full file system",
    .enabled(
        if: SmallFileSystem.obstacle == nil || getenv("CI") != nil, "\(SmallFileSystem.obstacle ?? "")"))
struct FullFileSystemTests {
    private let parameters: JournalParameters = {
        var parameters = JournalParameters(
            segmentBytes: 64 << 10, hardStateBytes: 8 << 10, reserveBytes: 64 << 10, snapshotChunkBytes: 4 << 10)
        parameters.fillsSegments = true
        return parameters
    }()

    private func write(_ index: UInt64) -> JournalWrite {
        JournalWrite(hardState: Fixture.state(1, vote: 3), entries: [Fixture.entry(index, 1, bytes: 3000)])
    }

    private func isDone(_ work: () throws(JournalError) -> Void) throws -> Bool {
        do {
            try work()
            return true
        } catch {
            guard case .outOfSpace = error else { throw error }
            return false
        }
    }

    @Test("A log that fills a real file system tells so in time, refuses whole, takes votes, and goes on with room")
    func fillUp() throws {
        let fileSystem = try SmallFileSystem(bytes: 1 << 20)
        let disk = FileSystemDisk()
        let directory = fileSystem.path + "/raft"
        let log = try WriteAheadLog.create(
            on: disk, directory: directory, identity: Fixture.identity, parameters: parameters, saltSeed: 1)
        var index: UInt64 = 0
        while log.space == .ample {
            index += 1
            try log.append([write(index)])
        }
        let told = index
        while try isDone({ () throws(JournalError) in try log.append([write(index + 1)]) }) { index += 1 }
        #expect(index >= told + 10)
        #expect(fileSystem.freeBytes < parameters.segmentBytes)
        var term: UInt64 = 1
        while term < 40 {
            term += 1
            try log.append([JournalWrite(hardState: Fixture.state(term, vote: 2))])
        }
        // A snapshot takes the reserve and shortens the log, and then there is room.
        let committed = Fixture.state(term, vote: 2, commit: index)
        try log.append([JournalWrite(hardState: committed)])
        try log.saveSnapshot(Fixture.snapshot(index - 1, 1, bytes: 20_000))
        try log.saveSnapshot(Fixture.snapshot(index, 1, bytes: 20_000))
        try log.reserveSpace()
        #expect(log.space == .ample)
        try log.append([
            JournalWrite(hardState: committed, entries: [Fixture.entry(index + 1, term)])
        ])
        log.close()
        let (again, recovered) = try WriteAheadLog.open(
            on: disk, directory: directory, expecting: Fixture.identity, parameters: parameters, saltSeed: 2)
        #expect(recovered.last.index.rawValue == index + 1)
        #expect(recovered.hardState == committed)
        again.close()
    }

    @Test("A start finds the room that the reserve kept, also on a file system without any")
    func startWhenFull() throws {
        let fileSystem = try SmallFileSystem(bytes: 1 << 20)
        let disk = FileSystemDisk()
        let directory = fileSystem.path + "/raft"
        let log = try WriteAheadLog.create(
            on: disk, directory: directory, identity: Fixture.identity, parameters: parameters, saltSeed: 1)
        for index in 1...5 as ClosedRange<UInt64> { try log.append([write(index)]) }
        log.close()
        try fileSystem.takeUp(fileSystem.freeBytes)
        #expect(fileSystem.freeBytes == 0)
        let (again, recovered) = try WriteAheadLog.open(
            on: disk, directory: directory, expecting: Fixture.identity, parameters: parameters, saltSeed: 2)
        #expect(recovered.last.index == LogIndex(5))
        #expect(again.space == .ample)
        try again.append([JournalWrite(hardState: Fixture.state(2, vote: 1), entries: [Fixture.entry(6, 2)])])
        again.close()
        #expect(fileSystem.freeBytes == 0)
    }

    /// Why no log can be made.
    private func creation(in directory: String) -> JournalError? {
        do {
            try WriteAheadLog.create(
                on: FileSystemDisk(), directory: directory, identity: Fixture.identity, parameters: parameters,
                saltSeed: 1
            ).close()
            return nil
        } catch {
            return error
        }
    }

    @Test("A new log on a file system of any size is made whole or not at all")
    func createOnAnySize() throws {
        let disk = FileSystemDisk()
        let fileSystem = try SmallFileSystem(bytes: 1 << 20)
        let directory = fileSystem.path + "/raft"
        for pages in 0...60 {
            try fileSystem.takeUp(0)
            try fileSystem.takeUp(fileSystem.freeBytes - pages * 4096)
            let failure = creation(in: directory)
            let isMade = failure == nil
            switch failure {
            // Not even a directory, a lock file or a name may have room.
            case nil, .outOfSpace?: break
            case .disk(let error)?: #expect(error.isOutOfSpace)
            case let other?: Issue.record("\(other)")
            }
            #expect(isMade || pages < 20)
            try fileSystem.takeUp(0)
            if isMade {
                let (log, recovered) = try WriteAheadLog.open(
                    on: disk, directory: directory, expecting: Fixture.identity, parameters: parameters, saltSeed: 2)
                #expect(recovered.entries.isEmpty)
                log.close()
            }
            for name in (try? disk.list(directory)) ?? [] { try disk.remove(directory + "/" + name) }
            rmdir(directory)
        }
    }
}
