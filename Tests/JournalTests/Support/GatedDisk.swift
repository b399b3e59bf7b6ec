import Glibc
import Host
import Synchronization

/// The host's disk, with syncs that can be held up or fail.
final class GatedDisk: Disk, Sendable {
    struct State: Sendable {
        var syncs = 0
        var writes = 0
        var fills = 0
        var heldAt: Int?
        var failsAt: Int?
        var isFull = false

        /// Whether a sync hangs.
        var isHolding: Bool { heldAt.map { $0 <= syncs } ?? false }
    }

    let real = FileSystemDisk()
    let state = Mutex(State())

    func createDirectory(_ path: String) throws(DiskError) { try real.createDirectory(path) }
    func list(_ directory: String) throws(DiskError) -> [String] { try real.list(directory) }
    func create(_ path: String) throws(DiskError) -> any DiskFile { GatedFile(try real.create(path), self) }
    func open(_ path: String, for access: DiskAccess) throws(DiskError) -> any DiskFile {
        GatedFile(try real.open(path, for: access), self)
    }
    func rename(_ path: String, to newPath: String) throws(DiskError) { try real.rename(path, to: newPath) }
    func remove(_ path: String) throws(DiskError) { try real.remove(path) }
    func syncDirectory(_ directory: String) throws(DiskError) { try real.syncDirectory(directory) }
    func lock(_ path: String) throws(DiskError) -> any DiskLock { try real.lock(path) }

    /// Syncs hang from now on, until ``release()``.
    func hold() { state.withLock { $0.heldAt = $0.syncs + 1 } }
    func release() { state.withLock { $0.heldAt = nil } }
}

final class GatedFile: DiskFile {
    let real: any DiskFile
    let disk: GatedDisk

    init(_ real: any DiskFile, _ disk: GatedDisk) {
        self.real = real
        self.disk = disk
    }

    var path: String { real.path }
    func size() throws(DiskError) -> Int { try real.size() }
    func read(at offset: Int, count: Int) throws(DiskError) -> [UInt8] { try real.read(at: offset, count: count) }
    func write(_ bytes: [UInt8], at offset: Int) throws(DiskError) {
        disk.state.withLock { $0.writes += 1 }
        try real.write(bytes, at: offset)
    }
    func allocate(_ bytes: Int) throws(DiskError) {
        if disk.state.withLock({ $0.isFull }) { throw DiskError(.allocate, path, code: DiskError.outOfSpaceCode) }
        try real.allocate(bytes)
    }
    func fill(from start: Int, to end: Int) throws(DiskError) {
        disk.state.withLock { $0.fills += 1 }
        try real.fill(from: start, to: end)
    }
    func truncate(to bytes: Int) throws(DiskError) { try real.truncate(to: bytes) }
    func close() { real.close() }

    func sync() throws(DiskError) {
        let fails = disk.state.withLock { state in
            state.syncs += 1
            return state.syncs == state.failsAt
        }
        if fails { throw DiskError(.sync, path, code: DiskError.deviceFailureCode) }
        while disk.state.withLock({ $0.isHolding }) { usleep(1000) }
        try real.sync()
    }
}
