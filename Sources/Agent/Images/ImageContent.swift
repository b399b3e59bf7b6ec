import Glibc
import Manifest
import QEMU

/// Whether the bytes of a file may serve as an image of a format; looked at before they are ever used, each time.
enum ImageContent {
    /// What a kernel or an initial file system may have: a guest has it all in memory.
    private static let bootBytes: Int64 = 2 << 30
    /// What a disk image may have.
    private static let diskBytes: Int64 = 64 << 40

    /// Checks a length, as announced or found.
    static func check(byteCount: Int64, as format: ImageSpec.ImageFormat) throws(AgentError) {
        let most =
            switch format {
            case .kernel, .initrd: bootBytes
            case .raw, .qcow2: diskBytes
            }
        guard (0...most).contains(byteCount) else {
            throw AgentError("it has \(byteCount) bytes; an image of format \(format.rawValue) may have \(most)")
        }
    }

    /// Checks a file of this node; blocks.
    ///
    /// - Returns: Its length.
    @discardableResult
    static func check(_ path: String, as format: ImageSpec.ImageFormat) throws(AgentError) -> Int64 {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open \(path)") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system("look at \(path)") }
        let byteCount = Int64(status.st_size)
        try check(byteCount: byteCount, as: format)
        guard format == .qcow2 else { return byteCount }
        let wanted = Int(min(byteCount, Int64(QCOW2Header.byteCount)))
        var beginning = [UInt8](repeating: 0, count: wanted)
        let count = pread(descriptor, &beginning, wanted, 0)
        guard count >= 0 else { throw .system("read \(path)") }
        do throws(QCOW2Header.Problem) {
            let header = try QCOW2Header(Array(beginning.prefix(count)))
            if let problem = header.problemAsImage(fileBytes: byteCount) { throw QCOW2Header.Problem(problem) }
        } catch {
            throw AgentError("its bytes can't be used as qcow2: \(error)")
        }
        return byteCount
    }
}
