import Glibc

/// An exclusive lock on a file (`flock`), by which one process at a time owns a directory.
///
/// The kernel releases it when the process ends, so a crash leaves no stale lock. The file itself stays.
public final class DirectoryLock: DiskLock {
    public let path: String
    /// Open while the lock is held; -1 afterwards.
    private var descriptor: Int32

    /// Takes the lock or throws at once; ``DiskError/isLockedByOther`` says whether it is locked already.
    public init(file path: String) throws(DiskError) {
        self.path = path
        let opened = try retryingInterrupted(.lock, path) {
            Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        }
        descriptor = opened
        do {
            try retryingInterrupted(.lock, path) { flock(opened, LOCK_EX | LOCK_NB) }
        } catch {
            release()
            throw error
        }
    }

    deinit { release() }

    public func release() {
        guard descriptor >= 0 else { return }
        // Closing alone is not enough: a child that is just being started has the descriptor too until it runs its
        // program.
        flock(descriptor, LOCK_UN)
        Glibc.close(descriptor)
        descriptor = -1
    }
}

extension DirectoryLock {
    /// The process of this host that holds the lock on a file, without asking for it: what `/proc/locks` says.
    ///
    /// Nil if none does, if it can't be seen from here (as from inside a container), or if there is no such file.
    public static func holder(of path: String) -> Int32? {
        var status = stat()
        guard stat(path, &status) == 0, let locks = SmallFile.text("/proc/locks", limit: 4 << 20) else { return nil }
        return holder(device: UInt64(status.st_dev), inode: UInt64(status.st_ino), locks: locks)
    }

    /// - Parameter locks: Lines such as `1: FLOCK  ADVISORY  WRITE 4711 fe:00:1835020 0 EOF`, with device numbers in
    ///   hexadecimal digits.
    static func holder(device: UInt64, inode: UInt64, locks: String) -> Int32? {
        // As glibc packs both numbers into one.
        let major = device >> 8 & 0xfff | device >> 32 & ~0xfff
        let minor = device & 0xff | device >> 12 & ~0xff
        for line in locks.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 6, fields[1] == "FLOCK", fields[3] == "WRITE", let process = Int32(fields[4]) else {
                continue
            }
            let place = fields[5].split(separator: ":")
            guard place.count == 3, UInt64(place[0], radix: 16) == major, UInt64(place[1], radix: 16) == minor,
                UInt64(place[2]) == inode
            else { continue }
            return process
        }
        return nil
    }
}
