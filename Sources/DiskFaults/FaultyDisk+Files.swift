import Host

/// An open file of a ``FaultyDisk``.
final class FaultyFile: DiskFile {
    let path: String
    private let number: Int
    private let disk: FaultyDisk

    init(path: String, number: Int, disk: FaultyDisk) {
        self.path = path
        self.number = number
        self.disk = disk
    }

    /// Nothing of a file that has lost its name.
    private var visible: [UInt8] { disk.image.files[number]?.visible ?? [] }

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
        try disk.checkRoom(for: offset + bytes.count - visible.count, .write, path)
        let number = number
        let misdirection = disk.misdirection
        try disk.perform(.write, path, bytes: bytes.count) { image, written in
            if let misdirection {
                image.overwrite(bytes, at: misdirection.offset, file: misdirection.file)
                return
            }
            image.write(written == bytes.count ? bytes : Array(bytes[..<written]), at: offset, file: number)
        }
    }

    func allocate(_ bytes: Int) throws(DiskError) {
        let before = visible.count
        guard bytes > before else { return }
        try disk.checkRoom(for: bytes - before, .allocate, path)
        let number = number
        try disk.perform(.allocate, path, bytes: bytes - before) { image, grown in
            image.setLength(before + grown, file: number)
        }
    }

    func truncate(to bytes: Int) throws(DiskError) {
        let number = number
        try disk.perform(.truncate, path) { image, _ in image.setLength(bytes, file: number) }
    }

    func sync() throws(DiskError) {
        let number = number
        if disk.lie == .failedSyncs, disk.failNext == .sync, !disk.hasCrashed {
            disk.failNext = nil
            disk.image.failSync(file: number)
            return
        }
        let isHonest = disk.lie != .syncs
        do {
            try disk.perform(.sync, path) { image, _ in if isHonest { image.sync(file: number) } }
        } catch {
            // It can't be learnt any more which of it is on the disk.
            if !disk.hasCrashed { disk.image.failSync(file: number) }
            throw error
        }
    }

    func close() {}
}

/// A held lock of a ``FaultyDisk``.
final class FaultyLock: DiskLock {
    private var onRelease: (() -> Void)?

    init(_ onRelease: @escaping () -> Void) { self.onRelease = onRelease }

    deinit { release() }

    func release() {
        onRelease?()
        onRelease = nil
    }
}
