import Glibc
import Hypervisor
import Primitives

/// A directory with one small file for each simulated machine, named by its uid.
///
/// Simulated machines hold no user's data, so files are replaced by renaming but not synced.
struct SimulatedMachineFiles: Sendable {
    let directory: String

    /// Reads every machine; a file that can't be understood is left alone and named in the error.
    func load() throws(MachineFailure) -> [SimulatedMachine] {
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { throw failure("create", directory) }
        guard let stream = opendir(directory) else { throw failure("open", directory) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if UID(name) != nil { names.append(name) }
        }
        var machines: [SimulatedMachine] = []
        for name in names.sorted() {
            let path = directory + "/" + name
            do {
                machines.append(try SimulatedMachine(decoding: try read(path)))
            } catch let error as DecodingFailure {
                throw .permanent(.hostFailed, message: "\(path) is damaged (\(error)); remove it to forget the machine")
            } catch let error as MachineFailure {
                throw error
            } catch {
                preconditionFailure("no other error is thrown here: \(error)")
            }
        }
        return machines
    }

    func save(_ machine: SimulatedMachine) throws(MachineFailure) {
        let path = directory + "/" + machine.uid.description
        let fresh = path + ".new"
        let descriptor = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("create", fresh) }
        let bytes = machine.encoded
        let written = write(descriptor, bytes, bytes.count)
        close(descriptor)
        guard written == bytes.count, rename(fresh, path) == 0 else { throw failure("write", path) }
    }

    func remove(_ uid: UID) throws(MachineFailure) {
        let path = directory + "/" + uid.description
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("remove", path) }
    }

    private func read(_ path: String) throws(MachineFailure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw failure("read", path) }
        return Array(bytes.prefix(count))
    }

    private func failure(_ verb: String, _ path: String) -> MachineFailure {
        .retryable(.hostFailed, message: "could not \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}
