import Host
import Hypervisor
import Primitives

/// The machines that have a directory on this host.
enum MachineListing {
    /// Sorted. A directory without a mark of ours is no machine of ours and is passed over.
    static func read(_ root: String) throws(MachineFailure) -> [UID] {
        let disk = FileSystemDisk()
        do throws(DiskError) {
            var found: [UID] = []
            for directory in try disk.list(root) {
                found += marks(in: root + "/" + directory)
            }
            return found.sorted()
        } catch {
            if error.isNotFound { return [] }
            throw .retryable(.hostFailed, message: "\(error)")
        }
    }

    private static func marks(in directory: String) -> [UID] {
        // What is no directory, or went away a moment ago, holds no machine.
        let names = (try? FileSystemDisk().list(directory)) ?? []
        return names.filter { $0.hasPrefix(MachineDirectory.identityPrefix) }
            .compactMap { UID($0.dropFirst(MachineDirectory.identityPrefix.count)) }
            .filter { directory.hasSuffix("/" + $0.short) }
    }
}
