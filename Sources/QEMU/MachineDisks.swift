import Glibc
import Host
import Hypervisor

/// The disks of one machine: makes those that are missing, grows those that are too small, and never shrinks, replaces
/// or empties one.
struct MachineDisks: Sendable {
    let directory: MachineDirectory
    let tool: ImageTool
    let pool: BlockingPool

    /// 8 EiB less some room to calculate; no file system comes near.
    private static let largestBytes = Int64.max / 2

    func prepare(_ disks: [MachineSpec.Disk]) async throws(MachineFailure) {
        for wanted in disks {
            var disk = wanted
            guard (1...Self.largestBytes).contains(disk.sizeBytes) else {
                throw .permanent(
                    .badConfiguration,
                    message: "disk \(disk.name) has \(disk.sizeBytes) bytes; 1 to \(Self.largestBytes) are possible")
            }
            // A disk consists of sectors: a decimal size such as 1M is made up to a whole number of them.
            disk.sizeBytes = (disk.sizeBytes + 511) / 512 * 512
            let path = directory.path(of: MachineDirectory.fileName(of: disk))
            try refuseOtherFormat(of: disk)
            let format = disk.format
            if let size = try await onPool({ () throws(MachineFailure) in try Self.virtualBytes(path, format) }) {
                if size < disk.sizeBytes { try await grow(disk, at: path) }
            } else {
                try await create(disk, at: path)
            }
        }
    }

    /// A disk of the same name in another format holds the machine's data; an empty one must not take its place.
    private func refuseOtherFormat(of disk: MachineSpec.Disk) throws(MachineFailure) {
        for format in MachineSpec.DiskFormat.allCases where format != disk.format {
            var other = disk
            other.format = format
            let path = directory.path(of: MachineDirectory.fileName(of: other))
            if access(path, F_OK) == 0 {
                throw .permanent(
                    .badConfiguration,
                    message: "disk \(disk.name) is there as \(format.rawValue) and can't become "
                        + "\(disk.format.rawValue); set the format back")
            }
        }
    }

    private func create(_ disk: MachineSpec.Disk, at path: String) async throws(MachineFailure) {
        // The name appears when the disk is whole: what a crash leaves under the other name is overwritten.
        let fresh = path + ".new"
        if let base = disk.baseImage {
            let baseBytes = try await onPool { () throws(MachineFailure) in
                try Self.virtualBytes(base.path, base.format)
            }
            guard let baseBytes else {
                throw .retryable(.imageMissing, message: "image \(base.path) of disk \(disk.name) is not there")
            }
            guard baseBytes <= disk.sizeBytes else {
                throw .permanent(
                    .badConfiguration,
                    message: "disk \(disk.name) has \(disk.sizeBytes) bytes, its image needs \(baseBytes)")
            }
            switch disk.format {
            case .qcow2:
                try await run([
                    "create", "-q", "-f", "qcow2", "-b", base.path, "-F", base.format.rawValue, fresh,
                    String(disk.sizeBytes),
                ])
            case .raw:
                try await run(["convert", "-q", "-f", base.format.rawValue, "-O", "raw", base.path, fresh])
                if baseBytes < disk.sizeBytes { try await truncate(fresh, to: disk.sizeBytes) }
            }
        } else {
            switch disk.format {
            case .qcow2: try await run(["create", "-q", "-f", "qcow2", fresh, String(disk.sizeBytes)])
            case .raw: try await truncate(fresh, to: disk.sizeBytes)
            }
        }
        let directory = directory.path
        try await onPool { () throws(MachineFailure) in
            do throws(DiskError) {
                let disk = FileSystemDisk()
                let file = try disk.open(fresh, for: .readingAndWriting)
                defer { file.close() }
                try file.sync()
                try disk.rename(fresh, to: path)
                try disk.syncDirectory(directory)
            } catch {
                throw MachineFailure.retryable(error.isOutOfSpace ? .noSpace : .diskFailed, message: "\(error)")
            }
        }
    }

    private func grow(_ disk: MachineSpec.Disk, at path: String) async throws(MachineFailure) {
        switch disk.format {
        case .qcow2: try await run(["resize", "-q", "-f", "qcow2", path, String(disk.sizeBytes)])
        case .raw: try await truncate(path, to: disk.sizeBytes)
        }
    }

    private func run(_ arguments: [String]) async throws(MachineFailure) {
        try await tool.run(arguments, in: directory.path, log: directory.path(of: "qemu-img.log"))
    }

    /// Sets the length of a sparse file, which is made if need be. Callers never go below what is there.
    private func truncate(_ path: String, to bytes: Int64) async throws(MachineFailure) {
        try await onPool { () throws(MachineFailure) in
            let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw Self.failure("create", path) }
            defer { close(descriptor) }
            guard ftruncate(descriptor, off_t(bytes)) == 0, fsync(descriptor) == 0 else {
                throw Self.failure("grow", path)
            }
        }
    }

    /// The size that a guest sees; nil if there is no such file.
    private static func virtualBytes(
        _ path: String, _ format: MachineSpec.DiskFormat
    ) throws(MachineFailure) -> Int64? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("open", path)
        }
        defer { close(descriptor) }
        switch format {
        case .raw:
            let size = lseek(descriptor, 0, SEEK_END)
            guard size >= 0 else { throw failure("tell the size of", path) }
            return Int64(size)
        case .qcow2:
            var bytes = [UInt8](repeating: 0, count: QCOW2Header.byteCount)
            let count = pread(descriptor, &bytes, bytes.count, 0)
            guard count >= 0 else { throw failure("read", path) }
            guard let header = QCOW2Header(Array(bytes.prefix(count))) else {
                throw .permanent(.diskFailed, message: "\(path) is no qcow2 image; restore it or set the right format")
            }
            return header.virtualBytes
        }
    }

    private func onPool<Value: Sendable>(
        _ body: @escaping @Sendable () throws(MachineFailure) -> Value
    ) async throws(MachineFailure) -> Value {
        try await pool.run(body)
    }

    private static func failure(_ verb: String, _ path: String) -> MachineFailure {
        let code = errno
        return .retryable(
            code == ENOSPC || code == EDQUOT ? .noSpace : .diskFailed,
            message: "can't \(verb) \(path): \(String(cString: strerror(code)))")
    }
}
