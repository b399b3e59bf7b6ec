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
            if let found = try await look(path, disk.format) {
                try await keepBase(of: disk, found.header)
                if found.virtualBytes < disk.sizeBytes { try await grow(disk, at: path) }
            } else {
                guard !disk.isFilled else {
                    throw .retryable(
                        .diskMissing, message: "disk \(disk.name) was filled, and \(path) is gone; put the file back")
                }
                try await create(disk, at: path)
            }
        }
    }

    /// Sees to it that a disk which is based on an image names it from the machine directory on.
    private func keepBase(of disk: MachineSpec.Disk, _ header: QCOW2Header?) async throws(MachineFailure) {
        guard let named = header?.backingFile else { return }
        guard let format = header?.backingFormat.flatMap(MachineSpec.DiskFormat.init) else {
            throw .permanent(
                .diskFailed,
                message: "disk \(disk.name) is based on \(named) and does not say in which format that is; "
                    + "set it with qemu-img rebase -u -F")
        }
        let directory = directory
        let (base, name, isThere) = await onPool { () throws(Never) in
            let base = directory.path(named: named)
            return (base, directory.name(of: base), access(base, R_OK) == 0)
        }
        guard isThere else {
            throw .retryable(
                .imageMissing, message: "disk \(disk.name) is based on \(base), which is not there; put it back")
        }
        guard !name.utf8.elementsEqual(named.utf8) else { return }
        let file = MachineDirectory.fileName(of: disk)
        try await run(["rebase", "-q", "-u", "-f", "qcow2", "-b", name, "-F", format.rawValue, file])
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
        let freshName = MachineDirectory.fileName(of: disk) + ".new"
        if let base = disk.baseImage {
            let baseBytes = try await check(base, for: disk)
            let directory = directory
            let name = await onPool { () throws(Never) in directory.name(of: base.path) }
            switch disk.format {
            case .qcow2:
                try await run([
                    "create", "-q", "-f", "qcow2", "-b", name, "-F", base.format.rawValue, freshName,
                    String(disk.sizeBytes),
                ])
            case .raw:
                try await run(["convert", "-q", "-f", base.format.rawValue, "-O", "raw", name, freshName])
                if baseBytes < disk.sizeBytes { try await truncate(fresh, to: disk.sizeBytes) }
            }
        } else {
            switch disk.format {
            case .qcow2: try await run(["create", "-q", "-f", "qcow2", freshName, String(disk.sizeBytes)])
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

    /// The size that a guest sees of an image on which a disk can be based.
    private func check(
        _ base: MachineSpec.BaseImage, for disk: MachineSpec.Disk
    ) async throws(MachineFailure) -> Int64 {
        guard let found = try await look(base.path, base.format) else {
            throw .retryable(.imageMissing, message: "image \(base.path) of disk \(disk.name) is not there")
        }
        guard await onPool({ () throws(Never) in CheckedFile.standing(of: base.path) != .changed }) else {
            throw .retryable(
                .imageMissing,
                message: "image \(base.path) of disk \(disk.name) has been written to since its digest was checked; "
                    + "the node checks it again, or brings it anew, when it is started again")
        }
        if let problem = found.header?.problemAsImage(fileBytes: found.fileBytes) {
            throw .permanent(.badConfiguration, message: "image \(base.path) of disk \(disk.name): \(problem)")
        }
        guard found.virtualBytes <= disk.sizeBytes else {
            throw .permanent(
                .badConfiguration,
                message: "disk \(disk.name) has \(disk.sizeBytes) bytes, its image needs \(found.virtualBytes)")
        }
        return found.virtualBytes
    }

    private func grow(_ disk: MachineSpec.Disk, at path: String) async throws(MachineFailure) {
        switch disk.format {
        case .qcow2:
            let file = MachineDirectory.fileName(of: disk)
            try await run(["resize", "-q", "-f", "qcow2", file, String(disk.sizeBytes)])
        case .raw: try await truncate(path, to: disk.sizeBytes)
        }
    }

    private func run(_ arguments: [String]) async throws(MachineFailure) {
        try await tool.run(arguments, in: directory.path)
    }

    /// Sets the length of a sparse file, which is made if need be. Callers never go below what is there.
    private func truncate(_ path: String, to bytes: Int64) async throws(MachineFailure) {
        try await onPool { () throws(MachineFailure) in
            let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw .disk("create", path, errno) }
            defer { close(descriptor) }
            guard ftruncate(descriptor, off_t(bytes)) == 0, fsync(descriptor) == 0 else {
                throw .disk("grow", path, errno)
            }
        }
    }

    private func look(
        _ path: String, _ format: MachineSpec.DiskFormat
    ) async throws(MachineFailure) -> DiskFile? {
        try await onPool { () throws(MachineFailure) in try DiskFile.look(path, format) }
    }

    private func onPool<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await pool.run(body)
    }
}
