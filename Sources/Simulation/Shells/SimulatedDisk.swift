import Host

/// A ``DiskImage`` behind the disk port, which can stop in the middle of an operation, fail one, and be full.
final class SimulatedDisk: Disk {
    /// A mistake of the disk itself.
    enum Lie {
        /// Syncs return at once and make nothing durable.
        case syncs
        /// Only the syncs of directories do.
        case directorySyncs
        /// Syncs that fail say that they did not.
        case failedSyncs
    }

    private(set) var image: DiskImage
    private let lie: Lie?
    /// Operations until the power is gone; nil while it is there.
    private var operationsLeft: Int?
    /// The next operation of this kind fails.
    private var failing: DiskError.Operation?
    /// Set once an operation has failed because the device did.
    private(set) var hasFailed = false
    private var isDead = false
    /// How many bytes files may still grow by; nil if there is no end.
    var freeBytes: Int?
    private var locked: Set<String> = []

    init(_ image: DiskImage, freeBytes: Int?, lie: Lie?) {
        self.image = image
        self.freeBytes = freeBytes
        self.lie = lie
    }

    /// After this many more operations that change something, the next one is done as far as it can be without
    /// becoming durable, and nothing works any more.
    func stop(afterOperations count: Int) { operationsLeft = count }

    /// Lets the next write or sync fail, and only that one: what comes after it seems to work again.
    func fail(next operation: DiskError.Operation) { failing = operation }

    /// Changes what is on it from outside.
    func change(_ body: (inout DiskImage) -> Void) { body(&image) }

    func createDirectory(_ path: String) throws(DiskError) {
        try change(.createDirectory, path) { $0.createDirectory(path) }
    }

    func list(_ directory: String) throws(DiskError) -> [String] {
        try look(.list, directory)
        guard image.hasDirectory(directory) else { throw DiskError(.list, directory, code: DiskError.notFoundCode) }
        return image.names(in: directory)
    }

    func create(_ path: String) throws(DiskError) -> any DiskFile {
        guard image.file(at: path) == nil else { throw DiskError(.create, path, code: DiskError.alreadyThereCode) }
        var file = 0
        try change(.create, path) { file = $0.create(path) }
        return SimulatedFile(path: path, number: file, disk: self)
    }

    func open(_ path: String, for access: DiskAccess) throws(DiskError) -> any DiskFile {
        try look(.open, path)
        guard let file = image.file(at: path) else { throw DiskError(.open, path, code: DiskError.notFoundCode) }
        return SimulatedFile(path: path, number: file, disk: self)
    }

    func rename(_ path: String, to newPath: String) throws(DiskError) {
        guard image.file(at: path) != nil else { throw DiskError(.rename, path, code: DiskError.notFoundCode) }
        try change(.rename, path) { $0.rename(path, to: newPath) }
    }

    func remove(_ path: String) throws(DiskError) {
        guard let file = image.file(at: path) else { throw DiskError(.remove, path, code: DiskError.notFoundCode) }
        let bytes = image.files[file]?.visible.count ?? 0
        try change(.remove, path) { $0.remove(path) }
        if let free = freeBytes { freeBytes = free + bytes }
    }

    func syncDirectory(_ directory: String) throws(DiskError) {
        let isHonest = lie != .syncs && lie != .directorySyncs
        try change(.syncDirectory, directory, isSync: true) { if isHonest { $0.syncDirectory(directory) } }
    }

    func lock(_ path: String) throws(DiskError) -> any DiskLock {
        guard !locked.contains(path) else { throw DiskError(.lock, path, code: DiskError.lockedCode) }
        if image.file(at: path) == nil { try change(.create, path) { _ = $0.create(path) } }
        locked.insert(path)
        return SimulatedLock { [weak self] in _ = self?.locked.remove(path) }
    }

    fileprivate func look(_ operation: DiskError.Operation, _ path: String) throws(DiskError) {
        if isDead { throw DiskError(operation, path, code: DiskError.deviceFailureCode) }
    }

    fileprivate func change(
        _ operation: DiskError.Operation, _ path: String, isSync: Bool = false, _ body: (inout DiskImage) -> Void
    ) throws(DiskError) {
        try look(operation, path)
        if let left = operationsLeft {
            operationsLeft = left - 1
            if left == 0 {
                isDead = true
                hasFailed = true
                if !isSync { body(&image) }
                throw DiskError(operation, path, code: DiskError.deviceFailureCode)
            }
        }
        if failing == operation {
            failing = nil
            hasFailed = true
            if !isSync { body(&image) }
            throw DiskError(operation, path, code: DiskError.deviceFailureCode)
        }
        body(&image)
    }

    fileprivate func sync(file: Int, _ path: String) throws(DiskError) {
        if lie == .failedSyncs, failing == .sync {
            failing = nil
            image.failSync(file: file)
            return
        }
        let isHonest = lie != .syncs
        do {
            try change(.sync, path, isSync: true) { if isHonest { $0.sync(file: file) } }
        } catch {
            // Nobody will ever learn which of it is on the disk.
            if !isDead { image.failSync(file: file) }
            throw error
        }
    }

    /// Takes space for a file that grows.
    fileprivate func grow(_ operation: DiskError.Operation, _ path: String, by bytes: Int) throws(DiskError) {
        guard let free = freeBytes, bytes > 0 else { return }
        guard bytes <= free else { throw DiskError(operation, path, code: DiskError.outOfSpaceCode) }
        freeBytes = free - bytes
    }
}

private final class SimulatedFile: DiskFile {
    let path: String
    private let number: Int
    private let disk: SimulatedDisk

    init(path: String, number: Int, disk: SimulatedDisk) {
        self.path = path
        self.number = number
        self.disk = disk
    }

    private var length: Int { disk.image.files[number]?.visible.count ?? 0 }

    func size() throws(DiskError) -> Int {
        try disk.look(.size, path)
        return length
    }

    func read(at offset: Int, count: Int) throws(DiskError) -> [UInt8] {
        try disk.look(.read, path)
        guard let bytes = disk.image.files[number]?.visible else { return [] }
        return Array(bytes[min(offset, bytes.count)..<min(offset + count, bytes.count)])
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(DiskError) {
        let number = number
        try disk.grow(.write, path, by: offset + bytes.count - length)
        try disk.change(.write, path) { $0.write(bytes, at: offset, file: number) }
    }

    func allocate(_ bytes: Int) throws(DiskError) {
        guard bytes > length else { return }
        let number = number
        try disk.grow(.allocate, path, by: bytes - length)
        try disk.change(.allocate, path) { $0.setLength(bytes, file: number) }
    }

    func truncate(to bytes: Int) throws(DiskError) {
        let number = number
        try disk.change(.truncate, path) { $0.setLength(bytes, file: number) }
    }

    func sync() throws(DiskError) { try disk.sync(file: number, path) }

    func close() {}
}

private final class SimulatedLock: DiskLock {
    private var onRelease: (() -> Void)?

    init(_ onRelease: @escaping () -> Void) { self.onRelease = onRelease }

    deinit { release() }

    func release() {
        onRelease?()
        onRelease = nil
    }
}
