import Host
import Primitives

/// A ``DiskImage`` behind the disk port, with faults: it stops at an operation, fails one, or is full.
final class FaultyDisk: Disk {
    /// What happens at one operation, counted from 1.
    enum Fault {
        /// The operation happens as far as it can without being durable, then nothing more does.
        case crash
        /// The operation throws; a write has written its first half.
        case fail(code: Int32)
        /// The operation throws for want of space; a write has written so many bytes.
        case short(bytes: Int)
    }

    var image: DiskImage
    private(set) var operations = 0
    var fault: (operation: Int, Fault)?
    /// Operations that change nothing, counted from 1, and the one of them that fails.
    private(set) var looks = 0
    var failingLook: Int?
    /// The bytes that all files together may have; nil is no limit.
    var capacity: Int?
    /// The least capacity with which something that was refused would have been done.
    private(set) var leastRefused: Int?
    private(set) var hasCrashed = false
    private(set) var failures = 0
    private(set) var syncs = 0
    private(set) var writes = 0
    /// How long the last write was that was asked for.
    fileprivate(set) var lastWriteBytes = 0
    /// Operations by kind, as they came.
    private(set) var history: [DiskError.Operation] = []
    private var locked: Set<String> = []

    init(_ image: DiskImage = DiskImage(), fault: (operation: Int, Fault)? = nil) {
        self.image = image
        self.fault = fault
    }

    func createDirectory(_ path: String) throws(DiskError) {
        try perform(.createDirectory, path) { $0.createDirectory(path) }
    }

    func list(_ directory: String) throws(DiskError) -> [String] {
        try look(.list, directory)
        guard image.visibleDirectories.contains(directory) else {
            throw DiskError(.list, directory, code: DiskError.notFoundCode)
        }
        return image.names(in: directory)
    }

    func create(_ path: String) throws(DiskError) -> any DiskFile {
        guard image.visibleNames[path] == nil else {
            throw DiskError(.create, path, code: DiskError.alreadyThereCode)
        }
        var file = 0
        try perform(.create, path) { file = $0.create(path) }
        return FaultyFile(path: path, number: file, disk: self)
    }

    func open(_ path: String, for access: DiskAccess) throws(DiskError) -> any DiskFile {
        try look(.open, path)
        guard let file = image.visibleNames[path] else {
            throw DiskError(.open, path, code: DiskError.notFoundCode)
        }
        return FaultyFile(path: path, number: file, disk: self)
    }

    func rename(_ path: String, to newPath: String) throws(DiskError) {
        guard image.visibleNames[path] != nil else { throw DiskError(.rename, path, code: DiskError.notFoundCode) }
        try perform(.rename, path) { $0.rename(path, to: newPath) }
    }

    func remove(_ path: String) throws(DiskError) {
        guard image.visibleNames[path] != nil else { throw DiskError(.remove, path, code: DiskError.notFoundCode) }
        try perform(.remove, path) { $0.remove(path) }
    }

    func syncDirectory(_ directory: String) throws(DiskError) {
        try perform(.syncDirectory, directory, crashing: { _ in }) { $0.syncDirectory(directory) }
    }

    func lock(_ path: String) throws(DiskError) -> any DiskLock {
        guard !locked.contains(path) else { throw DiskError(.lock, path, code: DiskError.lockedCode) }
        if image.visibleNames[path] == nil { try perform(.create, path) { _ = $0.create(path) } }
        locked.insert(path)
        return FaultyLock { [weak self] in _ = self?.locked.remove(path) }
    }

    // MARK: Faults

    /// An operation that changes nothing.
    fileprivate func look(_ operation: DiskError.Operation, _ path: String) throws(DiskError) {
        looks += 1
        if hasCrashed || looks == failingLook { throw DiskError(operation, path, code: DiskError.deviceFailureCode) }
    }

    /// An operation that changes the image.
    fileprivate func perform(
        _ operation: DiskError.Operation, _ path: String, crashing: ((inout DiskImage) -> Void)? = nil,
        failing: (inout DiskImage, Int?) -> Void = { _, _ in }, _ body: (inout DiskImage) -> Void
    ) throws(DiskError) {
        if hasCrashed { throw DiskError(operation, path, code: DiskError.deviceFailureCode) }
        operations += 1
        history.append(operation)
        if let fault, fault.operation == operations {
            switch fault.1 {
            case .crash:
                if let crashing { crashing(&image) } else { body(&image) }
                hasCrashed = true
                throw DiskError(operation, path, code: DiskError.deviceFailureCode)
            case .fail(let code):
                failing(&image, nil)
                failures += 1
                throw DiskError(operation, path, code: code)
            case .short(let bytes):
                failing(&image, bytes)
                failures += 1
                throw DiskError(operation, path, code: DiskError.outOfSpaceCode)
            }
        }
        body(&image)
        if operation == .sync { syncs += 1 }
        if operation == .write { writes += 1 }
    }

    fileprivate func room(for bytes: Int, operation: DiskError.Operation, path: String) throws(DiskError) {
        guard let capacity else { return }
        let names = Set(image.visibleNames.values)
        let used = image.files.reduce(0) { names.contains($1.key) ? $0 + $1.value.visible.count : $0 }
        guard used + bytes > capacity else { return }
        leastRefused = min(leastRefused ?? .max, used + bytes)
        throw DiskError(operation, path, code: DiskError.outOfSpaceCode)
    }
}

private final class FaultyFile: DiskFile {
    let path: String
    private let number: Int
    private let disk: FaultyDisk

    init(path: String, number: Int, disk: FaultyDisk) {
        self.path = path
        self.number = number
        self.disk = disk
    }

    private var visible: [UInt8] { disk.image.files[number]!.visible }

    func size() throws(DiskError) -> Int {
        try disk.look(.size, path)
        return visible.count
    }

    func read(at offset: Int, count: Int) throws(DiskError) -> [UInt8] {
        try disk.look(.read, path)
        let bytes = visible
        return Array(bytes[min(offset, bytes.count)..<min(offset + count, bytes.count)])
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(DiskError) {
        disk.lastWriteBytes = bytes.count
        try disk.room(for: max(0, offset + bytes.count - visible.count), operation: .write, path: path)
        let number = number
        try disk.perform(
            .write, path,
            failing: { $0.write(Array(bytes.prefix($1 ?? bytes.count / 2)), at: offset, file: number) }
        ) { $0.write(bytes, at: offset, file: number) }
    }

    func allocate(_ bytes: Int) throws(DiskError) {
        let now = visible.count
        guard bytes > now else { return }
        try disk.room(for: bytes - now, operation: .allocate, path: path)
        let number = number
        try disk.perform(.allocate, path) { $0.setLength(bytes, file: number) }
    }

    func truncate(to bytes: Int) throws(DiskError) {
        let number = number
        try disk.perform(.truncate, path) { $0.setLength(bytes, file: number) }
    }

    func sync() throws(DiskError) {
        let number = number
        try disk.perform(.sync, path, crashing: { _ in }) { $0.sync(file: number) }
    }

    func close() {}
}

private final class FaultyLock: DiskLock {
    private var onRelease: (() -> Void)?

    init(_ onRelease: @escaping () -> Void) { self.onRelease = onRelease }

    deinit { release() }

    func release() {
        onRelease?()
        onRelease = nil
    }
}
