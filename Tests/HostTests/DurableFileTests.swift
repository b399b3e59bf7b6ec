import Glibc
import Host
import TestFiles
import Testing

@Suite("Durable files")
struct DurableFileTests {
    private let scratch = TemporaryDirectory(named: "durable")
    private var path: String { scratch.path + "/file" }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        #expect(stat(path, &status) == 0)
        return status.st_mode & 0o7777
    }

    @Test("A file is replaced as a whole, with the mode asked for, and nothing is left beside it")
    func replace() throws {
        try DurableFile.write([1, 2, 3], to: path, mode: 0o600)
        #expect(try DurableFile.read(path, limit: 3) == [1, 2, 3])
        #expect(mode(path) == 0o600)
        try DurableFile.write([], to: path, mode: 0o644)
        #expect(try DurableFile.read(path, limit: 0) == [])
        #expect(mode(path) == 0o644)
        #expect(try FileSystemDisk().list(scratch.path) == ["file"])
    }

    @Test("The process's mask does not narrow a mode, and a reader keeps what it opened")
    func maskAndReader() throws {
        try DurableFile.write([1], to: path, mode: 0o666)
        #expect(mode(path) == 0o666)
        let reader = try FileSystemDisk().open(path, for: .reading)
        try DurableFile.write([2, 2], to: path, mode: 0o600)
        #expect(try reader.read(at: 0, count: 10) == [1])
        reader.close()
    }

    @Test("A name is created once")
    func createOnce() throws {
        try DurableFile.create([7], at: path, mode: 0o600)
        let refusal = #expect(throws: DiskError.self) { try DurableFile.create([8], at: path, mode: 0o600) }
        #expect(refusal?.isAlreadyThere == true)
        #expect(try DurableFile.read(path, limit: 10) == [7])
        #expect(try DurableFile.mode(of: path) == 0o600)
        #expect(try FileSystemDisk().list(scratch.path) == ["file"])
    }

    @Test("Of many that create at once one wins, of many that replace at once each wrote a whole file")
    func race() async throws {
        let path = path
        let winners = await withTaskGroup(of: Bool.self) { group in
            for number in UInt8(0)..<16 {
                group.addTask {
                    // The losers throw.
                    (try? DurableFile.create([number, number], at: path, mode: 0o600)) != nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(winners == 1)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in UInt8(0)..<16 {
                group.addTask { try DurableFile.write([number, number], to: path, mode: 0o600) }
            }
            try await group.waitForAll()
        }
        let bytes = try DurableFile.read(path, limit: 10)
        #expect(bytes.count == 2 && bytes.first == bytes.last)
        #expect(try FileSystemDisk().list(scratch.path) == ["file"])
    }

    @Test("A file longer than the limit is not read")
    func limit() throws {
        try DurableFile.write([UInt8](repeating: 1, count: 100), to: path, mode: 0o600)
        #expect(try DurableFile.read(path, limit: 100).count == 100)
        let refusal = #expect(throws: DiskError.self) { try DurableFile.read(path, limit: 99) }
        #expect(refusal?.operation == .read)
    }

    @Test("Failures say the operation, the path and the reason, and leave nothing behind")
    func failures() throws {
        let missing = scratch.path + "/no/file"
        let write = #expect(throws: DiskError.self) { try DurableFile.write([1], to: missing, mode: 0o600) }
        #expect(write?.operation == .create)
        #expect(write?.isNotFound == true)
        #expect(write?.description.contains(missing) == true)
        let read = #expect(throws: DiskError.self) { try DurableFile.read(path, limit: 1) }
        #expect(read?.description == "can't open \(path): No such file or directory")
        try DurableFile.remove(path)
        mkdir(path, 0o700)
        defer { rmdir(path) }
        let rename = #expect(throws: DiskError.self) { try DurableFile.write([1], to: path, mode: 0o600) }
        #expect(rename?.operation == .rename)
        #expect(try FileSystemDisk().list(scratch.path) == ["file"])
    }

    @Test("Directories are made for the owner alone, with those above them")
    func directories() throws {
        let deep = scratch.path + "/a/b/c"
        defer { for name in ["/a/b/c", "/a/b", "/a"] { rmdir(scratch.path + name) } }
        try DurableFile.createDirectory(deep)
        try DurableFile.createDirectory(deep)
        for name in ["/a", "/a/b", "/a/b/c"] { #expect(mode(scratch.path + name) == 0o700) }
        try DurableFile.write([1], to: path, mode: 0o600)
        let refusal = #expect(throws: DiskError.self) { try FileSystemDisk().createDirectory(path) }
        #expect(refusal?.operation == .createDirectory)
    }

    @Test("A lock has one holder, and ends when it is released or its process does")
    func lock() throws {
        let first = try DirectoryLock(file: path)
        #expect(DirectoryLock.holder(of: path) == getpid())
        let refusal = #expect(throws: DiskError.self) { try DirectoryLock(file: path) }
        #expect(refusal?.isLockedByOther == true)
        #expect(refusal?.description == "\(path) is locked: another process uses this directory")
        first.release()
        first.release()
        #expect(DirectoryLock.holder(of: path) == nil)
        #expect(DirectoryLock.holder(of: path + "-that-is-not-there") == nil)
        let second = try DirectoryLock(file: path)
        #expect(throws: DiskError.self) { try FileSystemDisk().lock(path) }
        second.release()
    }

    @Test("A file is allocated with zeros, written anywhere, and cut")
    func files() throws {
        let disk = FileSystemDisk()
        let file = try disk.create(path)
        let taken = #expect(throws: DiskError.self) { try disk.create(path) }
        #expect(taken?.isAlreadyThere == true)
        try file.allocate(100_000)
        #expect(try file.size() == 100_000)
        try file.write([1, 2, 3], at: 50_000)
        try file.allocate(10)
        #expect(try file.read(at: 49_999, count: 5) == [0, 1, 2, 3, 0])
        #expect(try file.read(at: 99_998, count: 10) == [0, 0])
        #expect(try file.read(at: 200_000, count: 10) == [])
        try file.sync()
        try file.truncate(to: 50_001)
        #expect(try file.read(at: 50_000, count: 10) == [1])
        file.close()
        file.close()
        let reader = try disk.open(path, for: .reading)
        let refusal = #expect(throws: DiskError.self) { try reader.write([1], at: 0) }
        #expect(refusal?.operation == .write)
        try disk.rename(path, to: path + "2")
        try disk.syncDirectory(scratch.path)
        #expect(try disk.list(scratch.path) == ["file2"])
        try disk.remove(path + "2")
        reader.close()
    }

    @Test("A checked file is noticed when it is written to, replaced or touched, and only then")
    func checked() throws {
        try DurableFile.write([1, 2, 3], to: path, mode: 0o600)
        #expect(CheckedFile.standing(of: path) == .unknown)
        try CheckedFile.note(path)
        #expect(CheckedFile.standing(of: path) == .unchanged)
        let file = try FileSystemDisk().open(path, for: .readingAndWriting)
        try file.write([4], at: 0)
        try file.sync()
        file.close()
        #expect(CheckedFile.standing(of: path) == .changed)
        try CheckedFile.note(path)
        try DurableFile.write([4, 2, 3], to: path, mode: 0o600)
        #expect(CheckedFile.standing(of: path) == .changed)
        try FileSystemDisk().remove(path)
        #expect(CheckedFile.standing(of: path) == .unknown)
    }
}
