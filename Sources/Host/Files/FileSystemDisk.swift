import Glibc

/// The host's file system.
///
/// Files and directories it makes are for the owner alone, and every descriptor is closed in programs that are started.
/// Where the process has no descriptor left, one of the reserve's is used.
public struct FileSystemDisk: Disk, Sendable {
    private let reserve: DescriptorReserve

    public init() {
        reserve = .shared
    }

    init(reserve: DescriptorReserve) {
        self.reserve = reserve
    }

    public func createDirectory(_ path: String) throws(DiskError) {
        do {
            try retryingInterrupted(.createDirectory, path) { mkdir(path, 0o700) }
        } catch  where error.isAlreadyThere {
            var status = stat()
            try retryingInterrupted(.createDirectory, path) { stat(path, &status) }
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw DiskError(.createDirectory, path, code: ENOTDIR)
            }
        }
    }

    public func list(_ directory: String) throws(DiskError) -> [String] {
        let descriptor = try retryingInterrupted(.list, directory) {
            reserve.opening { Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        }
        guard let stream = fdopendir(descriptor) else {
            let code = errno
            Glibc.close(descriptor)
            throw DiskError(.list, directory, code: code)
        }
        defer {
            closedir(stream)
            reserve.refill()
        }
        var names: [String] = []
        while true {
            // Only errno tells the end from a failure.
            errno = 0
            guard let entry = readdir(stream) else {
                let code = errno
                if code != 0 { throw DiskError(.list, directory, code: code) }
                return names.sorted()
            }
            let capacity = MemoryLayout.size(ofValue: entry.pointee.d_name)
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: capacity) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
    }

    public func create(_ path: String) throws(DiskError) -> any DiskFile {
        try create(path, mode: 0o600)
    }

    /// Makes a file with the given permissions, which the process's mask does not narrow.
    func create(_ path: String, mode: mode_t) throws(DiskError) -> FileSystemFile {
        let flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        // No other process may open it before its mode is what was asked for.
        let descriptor = try retryingInterrupted(.create, path) {
            reserve.opening { Glibc.open(path, flags, mode & 0o600) }
        }
        let file = FileSystemFile(path: path, descriptor: descriptor, reserve: reserve)
        try retryingInterrupted(.changeMode, path) { fchmod(descriptor, mode) }
        return file
    }

    public func open(_ path: String, for access: DiskAccess) throws(DiskError) -> any DiskFile {
        let flags = (access == .reading ? O_RDONLY : O_RDWR) | O_CLOEXEC
        let descriptor = try retryingInterrupted(.open, path) { reserve.opening { Glibc.open(path, flags) } }
        return FileSystemFile(path: path, descriptor: descriptor, reserve: reserve)
    }

    public func rename(_ path: String, to newPath: String) throws(DiskError) {
        try retryingInterrupted(.rename, path) { Glibc.rename(path, newPath) }
    }

    public func remove(_ path: String) throws(DiskError) {
        try retryingInterrupted(.remove, path) { unlink(path) }
    }

    public func syncDirectory(_ directory: String) throws(DiskError) {
        let descriptor = try retryingInterrupted(.syncDirectory, directory) {
            reserve.opening { Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        }
        defer {
            Glibc.close(descriptor)
            reserve.refill()
        }
        try retryingInterrupted(.syncDirectory, directory) { fsync(descriptor) }
    }

    public func lock(_ path: String) throws(DiskError) -> any DiskLock {
        try DirectoryLock(file: path)
    }
}
