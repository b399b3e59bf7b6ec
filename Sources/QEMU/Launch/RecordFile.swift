import Glibc
import Host
import JSONText
import Synchronization

/// The file of a machine's launch record. Writers may come from several threads; the newest record wins, whatever order
/// they get to write in.
final class RecordFile: Sendable {
    let path: String
    private let directory: String
    /// The number of the newest record that was written.
    private let written = Mutex<UInt64>(0)

    init(_ directory: MachineDirectory) {
        path = directory.path(of: MachineDirectory.launchRecord)
        self.directory = directory.path
    }

    /// Returns when the record, or a newer one, is durable. Blocks.
    func write(_ record: LaunchRecord, number: UInt64) throws(DiskError) {
        try locked { (newest) throws(DiskError) in
            guard number > newest else { return }
            try DurableFile.write(record.json.prettyBytes, to: path, mode: 0o600)
            newest = number
        }
    }

    /// Puts the record in place for every later reader, without waiting for the disk.
    ///
    /// That is enough while the host lives, and a host that dies takes the process with it. A durable `write` follows
    /// once the machine runs.
    func place(_ record: LaunchRecord, number: UInt64) throws(DiskError) {
        try locked { (newest) throws(DiskError) in
            let fresh = path + ".new"
            let descriptor = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw DiskError(.create, fresh, code: errno) }
            defer { close(descriptor) }
            let bytes = record.json.prettyBytes
            let count = Glibc.write(descriptor, bytes, bytes.count)
            guard count == bytes.count else { throw DiskError(.write, fresh, code: count < 0 ? errno : ENOSPC) }
            guard rename(fresh, path) == 0 else { throw DiskError(.rename, path, code: errno) }
            newest = max(newest, number)
        }
    }

    private func locked(_ body: (inout UInt64) throws(DiskError) -> Void) throws(DiskError) {
        let result = written.withLock { newest -> Result<Void, DiskError> in
            do throws(DiskError) {
                return .success(try body(&newest))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}
