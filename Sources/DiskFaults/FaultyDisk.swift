package import Host

/// A ``DiskImage`` behind the disk port, with faults: it stops at an operation, fails one, is full, or lies.
package final class FaultyDisk: Disk {
    /// What happens at one operation that changes something.
    package enum Fault {
        /// The operation is done as far as it can be without being durable, then nothing works any more.
        ///
        /// - Parameter keepsBytes: How many bytes a write has written, or a file has grown by; nil is all of them.
        case crash(keepsBytes: Int?)
        /// The operation throws; half of a write was written, half of a growth is there, of anything else nothing.
        case fail(code: Int32)
        /// The operation throws for want of space; so many bytes were written, or the file grew by so many.
        case short(bytes: Int)
        /// A write lands at that offset of that file instead, as far as this is long, and no error is thrown; all else
        /// is done.
        case misdirect(path: String, offset: Int)
    }

    /// A mistake of the disk itself.
    package enum Lie {
        /// Syncs return at once and make nothing durable.
        case syncs
        /// Only the syncs of directories do.
        case directorySyncs
        /// Syncs that fail say that they did not.
        case failedSyncs
    }

    package var image: DiskImage
    /// The fault at the operation of that number, counted from 1.
    package var fault: (operation: Int, Fault)?
    /// The operation that changes nothing which fails, by its number, counted from 1.
    package var failingLook: Int?
    /// The next operation of this kind fails, and only that one.
    package var failNext: DiskError.Operation?
    /// The bytes that all files together may have; nil is no limit.
    package var capacity: Int?
    package var lie: Lie?

    /// How many operations were begun that change something.
    package private(set) var operations = 0
    /// They by kind, as they came.
    package private(set) var history: [DiskError.Operation] = []
    /// How many operations were begun that change nothing.
    package private(set) var looks = 0
    /// How many syncs and writes of files were done.
    package private(set) var syncs = 0
    package private(set) var writes = 0
    /// How many operations failed by a fault other than a crash.
    package private(set) var failures = 0
    package private(set) var hasCrashed = false
    /// How long the last write was that was asked for.
    package internal(set) var lastWriteBytes = 0
    /// The least capacity with which something that was refused would have been done.
    package private(set) var leastRefused: Int?
    private var locked: Set<String> = []

    package init(_ image: DiskImage = DiskImage(), fault: (operation: Int, Fault)? = nil) {
        self.image = image
        self.fault = fault
    }

    /// Whether any operation has failed because the device did.
    package var hasFailed: Bool { hasCrashed || failures > 0 }

    /// Takes back every fault that has not happened yet.
    package func disarm() {
        fault = nil
        failingLook = nil
        failNext = nil
    }

    // MARK: Names

    package func createDirectory(_ path: String) throws(DiskError) {
        try perform(.createDirectory, path) { image, _ in image.createDirectory(path) }
    }

    package func list(_ directory: String) throws(DiskError) -> [String] {
        try look(.list, directory)
        guard image.hasDirectory(directory) else { throw DiskError(.list, directory, code: DiskError.notFoundCode) }
        return image.names(in: directory)
    }

    package func create(_ path: String) throws(DiskError) -> any DiskFile {
        guard image.hasDirectory(DiskImage.directory(of: path)) else {
            throw DiskError(.create, path, code: DiskError.notFoundCode)
        }
        guard image.file(at: path) == nil else { throw DiskError(.create, path, code: DiskError.alreadyThereCode) }
        var file = 0
        try perform(.create, path) { image, _ in file = image.create(path) }
        return FaultyFile(path: path, number: file, disk: self)
    }

    package func open(_ path: String, for access: DiskAccess) throws(DiskError) -> any DiskFile {
        try look(.open, path)
        guard let file = image.file(at: path) else { throw DiskError(.open, path, code: DiskError.notFoundCode) }
        return FaultyFile(path: path, number: file, disk: self)
    }

    package func rename(_ path: String, to newPath: String) throws(DiskError) {
        guard image.file(at: path) != nil else { throw DiskError(.rename, path, code: DiskError.notFoundCode) }
        try perform(.rename, path) { image, _ in image.rename(path, to: newPath) }
    }

    package func remove(_ path: String) throws(DiskError) {
        guard image.file(at: path) != nil else { throw DiskError(.remove, path, code: DiskError.notFoundCode) }
        try perform(.remove, path) { image, _ in image.remove(path) }
    }

    package func syncDirectory(_ directory: String) throws(DiskError) {
        let isHonest = lie != .syncs && lie != .directorySyncs
        try perform(.syncDirectory, directory) { image, _ in if isHonest { image.syncDirectory(directory) } }
    }

    package func lock(_ path: String) throws(DiskError) -> any DiskLock {
        guard !locked.contains(path) else { throw DiskError(.lock, path, code: DiskError.lockedCode) }
        if image.file(at: path) == nil { _ = try create(path) }
        locked.insert(path)
        return FaultyLock { [weak self] in _ = self?.locked.remove(path) }
    }

    // MARK: Faults

    /// An operation that changes nothing.
    func look(_ operation: DiskError.Operation, _ path: String) throws(DiskError) {
        if hasCrashed { throw DiskError(operation, path, code: DiskError.deviceFailureCode) }
        looks += 1
        guard looks == failingLook || operation == failNext else { return }
        if operation == failNext { failNext = nil }
        failures += 1
        throw DiskError(operation, path, code: DiskError.deviceFailureCode)
    }

    /// An operation that changes the image.
    ///
    /// - Parameters:
    ///   - bytes: How many a write writes or a file grows by; nil for what is done wholly or not at all.
    ///   - body: Gets how many of them are done.
    func perform(
        _ operation: DiskError.Operation, _ path: String, bytes: Int? = nil, _ body: (inout DiskImage, Int) -> Void
    ) throws(DiskError) {
        if hasCrashed { throw DiskError(operation, path, code: DiskError.deviceFailureCode) }
        operations += 1
        history.append(operation)
        if let fault, fault.operation == operations {
            try meet(fault.1, operation, path, bytes: bytes, body)
        } else if failNext == operation {
            failNext = nil
            try meet(.fail(code: DiskError.deviceFailureCode), operation, path, bytes: bytes, body)
        }
        body(&image, bytes ?? 0)
        if operation == .sync { syncs += 1 }
        if operation == .write { writes += 1 }
    }

    /// Throws unless the fault is a silent one.
    private func meet(
        _ fault: Fault, _ operation: DiskError.Operation, _ path: String, bytes: Int?,
        _ body: (inout DiskImage, Int) -> Void
    ) throws(DiskError) {
        switch fault {
        case .crash(let kept):
            hasCrashed = true
            let isSync = operation == .sync || operation == .syncDirectory
            if !isSync { body(&image, min(kept ?? .max, bytes ?? 0)) }
            throw DiskError(operation, path, code: DiskError.deviceFailureCode)
        case .fail(let code):
            failures += 1
            if let bytes { body(&image, bytes / 2) }
            throw DiskError(operation, path, code: code)
        case .short(let kept):
            failures += 1
            if let bytes { body(&image, min(kept, bytes)) }
            throw DiskError(operation, path, code: DiskError.outOfSpaceCode)
        case .misdirect: return
        }
    }

    /// Where the write that comes next lands, if that is not where it is meant to.
    var misdirection: (file: Int, offset: Int)? {
        guard let fault, fault.operation == operations + 1, case .misdirect(let path, let offset) = fault.1 else {
            return nil
        }
        return image.file(at: path).map { ($0, offset) }
    }

    /// Refuses what would make the files longer than there is room for.
    func checkRoom(for bytes: Int, _ operation: DiskError.Operation, _ path: String) throws(DiskError) {
        guard let capacity, bytes > 0, !hasCrashed else { return }
        let needed = image.visibleBytes + bytes
        guard needed > capacity else { return }
        leastRefused = min(leastRefused ?? .max, needed)
        throw DiskError(operation, path, code: DiskError.outOfSpaceCode)
    }
}
