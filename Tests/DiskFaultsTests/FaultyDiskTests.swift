import DiskFaults
import Host
import Testing

@Suite("A disk with faults")
struct FaultyDiskTests {
    private func disk() -> FaultyDisk {
        let disk = FaultyDisk()
        disk.image.createDirectory("/d")
        disk.image.syncDirectory("/")
        return disk
    }

    private func visible(_ disk: FaultyDisk, _ path: String) -> [UInt8]? {
        disk.image.file(at: path).flatMap { disk.image.files[$0]?.visible }
    }

    @Test(
        "a faulty disk stops in the middle of a write, and nothing works any more",
        arguments: [nil, 0, 3, 100] as [Int?])
    func crash(keepsBytes: Int?) throws {
        let disk = disk()
        let file = try disk.create("/d/f")
        disk.fault = (disk.operations + 1, .crash(keepsBytes: keepsBytes))
        #expect(throws: DiskError(.write, "/d/f", code: DiskError.deviceFailureCode)) {
            try file.write([1, 2, 3, 4, 5], at: 0)
        }
        #expect(visible(disk, "/d/f")?.count == min(5, keepsBytes ?? 5))
        #expect(disk.hasCrashed && disk.hasFailed && disk.failures == 0)
        let image = disk.image
        disk.disarm()
        #expect(throws: DiskError.self) { try file.write([9], at: 0) }
        #expect(throws: DiskError.self) { try file.sync() }
        #expect(throws: DiskError.self) { try disk.list("/d") }
        #expect(throws: DiskError.self) { try disk.remove("/d/f") }
        #expect(disk.image == image)
        #expect(disk.operations == 2 && disk.history == [.create, .write])
    }

    @Test("a faulty disk that stops at a sync makes nothing durable by it")
    func crashAtSync() throws {
        let disk = disk()
        let file = try disk.create("/d/f")
        try file.write([1], at: 0)
        disk.fault = (disk.operations + 1, .crash(keepsBytes: nil))
        #expect(throws: DiskError.self) { try file.sync() }
        // The name, the length and the sector.
        #expect(disk.image.uncertainties == 3)
        let another = self.disk()
        _ = try another.create("/d/f")
        another.fault = (another.operations + 1, .crash(keepsBytes: nil))
        #expect(throws: DiskError.self) { try another.syncDirectory("/d") }
        #expect(another.image.uncertainties == 1)
    }

    @Test("a faulty disk fails one operation, and half of an operation that has a size is done")
    func fail() throws {
        let disk = disk()
        let file = try disk.create("/d/f")
        for kind in [DiskError.Operation.write, .allocate, .rename, .create, .remove, .truncate, .syncDirectory] {
            let before = disk.image
            disk.failNext = kind
            #expect(throws: DiskError.self, "\(kind)") {
                switch kind {
                case .write: try file.write([1, 2, 3, 4], at: 0)
                case .allocate: try file.allocate(102)
                case .rename: try disk.rename("/d/f", to: "/d/g")
                case .create: _ = try disk.create("/d/h")
                case .remove: try disk.remove("/d/f")
                case .truncate: try file.truncate(to: 0)
                default: try disk.syncDirectory("/d")
                }
            }
            #expect(disk.failNext == nil)
            switch kind {
            case .write: #expect(visible(disk, "/d/f") == [1, 2])
            case .allocate: #expect(visible(disk, "/d/f") == [1, 2] + [UInt8](repeating: 0, count: 50))
            default: #expect(disk.image == before, "\(kind)")
            }
        }
        #expect(disk.failures == 7 && disk.hasFailed && !disk.hasCrashed)
        disk.fault = (disk.operations + 1, .fail(code: 13))
        #expect(throws: DiskError(.rename, "/d/f", code: 13)) { try disk.rename("/d/f", to: "/d/g") }
        try disk.rename("/d/f", to: "/d/g")
    }

    @Test("a faulty disk runs short of space within a write or a growth")
    func short() throws {
        let disk = disk()
        let file = try disk.create("/d/f")
        disk.fault = (disk.operations + 1, .short(bytes: 3))
        let refusal = #expect(throws: DiskError.self) { try file.write([1, 2, 3, 4, 5], at: 0) }
        #expect(refusal?.isOutOfSpace == true)
        #expect(visible(disk, "/d/f") == [1, 2, 3])
        disk.fault = (disk.operations + 1, .short(bytes: 4))
        #expect(throws: DiskError.self) { try file.allocate(100) }
        #expect(visible(disk, "/d/f") == [1, 2, 3, 0, 0, 0, 0])
        disk.fault = (disk.operations + 1, .short(bytes: 4000))
        #expect(throws: DiskError.self) { try file.allocate(100) }
        #expect(visible(disk, "/d/f")?.count == 100)
    }

    @Test("a faulty disk writes to another place than it was told to, and reports no error")
    func misdirect() throws {
        let disk = disk()
        let file = try disk.create("/d/f")
        let other = try disk.create("/d/g")
        try file.write([1, 2, 3], at: 0)
        try other.write([4, 5, 6], at: 0)
        disk.fault = (disk.operations + 1, .misdirect(path: "/d/g", offset: 1))
        try file.write([7, 8, 9], at: 0)
        #expect(visible(disk, "/d/f") == [1, 2, 3])
        #expect(visible(disk, "/d/g") == [4, 7, 8])
        try file.write([7, 8, 9], at: 0)
        #expect(visible(disk, "/d/f") == [7, 8, 9] && !disk.hasFailed)
    }

    @Test("a faulty disk refuses what it has no room for, whole, and says how much would have been enough")
    func capacity() throws {
        let disk = disk()
        disk.capacity = 100
        let file = try disk.create("/d/f")
        try file.allocate(80)
        try file.write([UInt8](repeating: 1, count: 80), at: 0)
        #expect(disk.leastRefused == nil)
        #expect(throws: DiskError(.write, "/d/f", code: DiskError.outOfSpaceCode)) {
            try file.write([UInt8](repeating: 1, count: 50), at: 60)
        }
        #expect(throws: DiskError.self) { try file.allocate(105) }
        #expect(disk.leastRefused == 105 && disk.failures == 0)
        #expect(visible(disk, "/d/f") == [UInt8](repeating: 1, count: 80))
        // A name that is taken over gives its file's room back.
        let other = try disk.create("/d/g")
        try other.allocate(20)
        #expect(throws: DiskError.self) { try other.allocate(21) }
        try disk.rename("/d/g", to: "/d/f")
        try other.allocate(100)
    }

    @Test("a faulty disk fails to read what it is told to, once")
    func looks() throws {
        let disk = disk()
        let file = try disk.create("/d/f")
        try file.write([1, 2], at: 0)
        disk.failingLook = 2
        #expect(try file.size() == 2)
        #expect(throws: DiskError.self) { try file.read(at: 0, count: 2) }
        #expect(try file.read(at: 0, count: 9) == [1, 2])
        disk.failNext = .read
        #expect(try file.size() == 2)
        #expect(throws: DiskError.self) { try file.read(at: 0, count: 2) }
        #expect(try file.read(at: 1, count: 1) == [2])
        #expect(disk.failures == 2 && disk.hasFailed)
        disk.failingLook = disk.looks + 1
        disk.failNext = .write
        disk.fault = (disk.operations + 1, .crash(keepsBytes: nil))
        disk.disarm()
        #expect(try file.size() == 2)
        try file.write([3], at: 0)
    }

    @Test("a faulty disk whose sync failed never makes durable what was written before")
    func failedSync() throws {
        let disk = disk()
        let file = try disk.create("/d/f")
        try file.write([UInt8](repeating: 1, count: 512), at: 0)
        try file.sync()
        try disk.syncDirectory("/d")
        try file.write([UInt8](repeating: 2, count: 512), at: 0)
        disk.failNext = .sync
        #expect(throws: DiskError.self) { try file.sync() }
        #expect(disk.failures == 1 && disk.syncs == 1)
        try file.sync()
        #expect(visible(disk, "/d/f") == [UInt8](repeating: 2, count: 512))
        let number = try #require(disk.image.file(at: "/d/f"))
        #expect(disk.image.crashed { false }.files[number]?.visible == [UInt8](repeating: 1, count: 512))
    }

    @Test("a faulty disk lies about its syncs", arguments: [FaultyDisk.Lie.syncs, .directorySyncs, .failedSyncs])
    func lies(lie: FaultyDisk.Lie) throws {
        let disk = disk()
        disk.lie = lie
        let file = try disk.create("/d/f")
        try file.write([1], at: 0)
        if lie == .failedSyncs { disk.failNext = .sync }
        try file.sync()
        try disk.syncDirectory("/d")
        #expect(!disk.hasFailed)
        let after = disk.image.crashed { false }
        switch lie {
        case .syncs: #expect(after.visibleNames.isEmpty && disk.image.uncertainties == 3)
        case .directorySyncs: #expect(after.visibleNames.isEmpty && disk.image.uncertainties == 1)
        case .failedSyncs:
            #expect(after.visibleNames.count == 1 && disk.image.uncertainties == 2)
            try file.sync()
            #expect(disk.image.uncertainties == 1)
        }
    }

    @Test("a faulty disk keeps locks, names and directories as the real one does")
    func names() throws {
        let disk = disk()
        let lock = try disk.lock("/d/lock")
        let refusal = #expect(throws: DiskError.self) { try disk.lock("/d/lock") }
        #expect(refusal?.isLockedByOther == true)
        lock.release()
        try disk.lock("/d/lock").release()
        #expect(throws: DiskError(.create, "/e/f", code: DiskError.notFoundCode)) { try disk.create("/e/f") }
        #expect(throws: DiskError(.list, "/e", code: DiskError.notFoundCode)) { try disk.list("/e") }
        try disk.createDirectory("/e")
        let file = try disk.create("/e/f")
        #expect(throws: DiskError(.create, "/e/f", code: DiskError.alreadyThereCode)) { try disk.create("/e/f") }
        #expect(throws: DiskError(.open, "/e/g", code: DiskError.notFoundCode)) {
            try disk.open("/e/g", for: .reading)
        }
        #expect(throws: DiskError(.rename, "/e/g", code: DiskError.notFoundCode)) {
            try disk.rename("/e/g", to: "/e/h")
        }
        #expect(throws: DiskError(.remove, "/e/g", code: DiskError.notFoundCode)) { try disk.remove("/e/g") }
        try file.write([1, 2, 3], at: 2)
        try disk.remove("/e/f")
        try disk.syncDirectory("/e")
        // The file is gone with its last name, also for those who have it open.
        #expect(try file.size() == 0 && file.read(at: 0, count: 5).isEmpty)
        #expect(try disk.list("/e").isEmpty)
        #expect(try disk.list("/d") == ["lock"])
    }
}
