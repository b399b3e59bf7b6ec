import Glibc
import Hypervisor

/// What one look at the file of a disk or an image shows. The look blocks.
struct DiskFile: Equatable, Sendable {
    /// The size that a guest sees.
    var virtualBytes: Int64
    var fileBytes: Int64
    /// Only of qcow2.
    var header: QCOW2Header?

    /// Nil if there is no such file.
    static func look(_ path: String, _ format: MachineSpec.DiskFormat) throws(MachineFailure) -> DiskFile? {
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .disk("open", path, errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .disk("look at", path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .permanent(.diskFailed, message: "\(path) is no plain file; put the disk's own file back")
        }
        let fileBytes = Int64(status.st_size)
        guard format == .qcow2 else {
            return DiskFile(virtualBytes: fileBytes, fileBytes: fileBytes, header: nil)
        }
        var bytes = [UInt8](repeating: 0, count: Int(min(fileBytes, Int64(QCOW2Header.byteCount))))
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count >= 0 else { throw .disk("read", path, errno) }
        do throws(QCOW2Header.Problem) {
            let header = try QCOW2Header(Array(bytes.prefix(count)))
            return DiskFile(virtualBytes: header.virtualBytes, fileBytes: fileBytes, header: header)
        } catch {
            throw .permanent(.diskFailed, message: "\(path): \(error); restore it or set the right format")
        }
    }
}

extension MachineFailure {
    /// The task of the call was cancelled, as at the end of an agent. Nothing failed: the machine is as far as the call
    /// came, and the next look tells how far.
    static let givenUp = MachineFailure.retryable(.hostFailed, message: "it was given up, because the agent ends")

    /// A file system that is full.
    ///
    /// - Parameter detail: The program that found it out, and its text.
    static func noSpace(in directory: String, _ detail: String) -> MachineFailure {
        .retryable(.noSpace, message: "no space left on device for \(directory); free some there (\(detail))")
    }

    /// A call that failed on a file of a disk.
    static func disk(_ verb: String, _ path: String, _ code: Int32) -> MachineFailure {
        .retryable(
            code == ENOSPC || code == EDQUOT ? .noSpace : .diskFailed,
            message: "can't \(verb) \(path): \(String(cString: strerror(code)))")
    }
}
