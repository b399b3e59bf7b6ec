import Glibc
import Host
import Hypervisor

/// How files of one data directory name each other: from the machine directory on, so that the data directory can be
/// moved.
extension MachineDirectory {
    /// The data directory, which holds the directory of all machines.
    private var home: String { String(parent.prefix(upTo: parent.lastIndex(of: "/") ?? parent.startIndex)) }
    private static let wayHome = "../../"

    /// The name of a file as QEMU is told it; the path itself for a file that is not in the data directory. Looks at
    /// files.
    func name(of path: String) -> String {
        guard path.hasPrefix(home + "/") else { return path }
        let name = Self.wayHome + path.dropFirst(home.utf8.count + 1)
        // Where directories are links the way back may lead elsewhere.
        return Self.isSame(self.path(of: name), path) ? name : path
    }

    /// The path of a file that was named from here, perhaps when the data directory was elsewhere. Looks at files.
    func path(named name: String) -> String {
        if name.hasPrefix(Self.wayHome) { return home + "/" + name.dropFirst(Self.wayHome.utf8.count) }
        guard name.hasPrefix("/") else { return path(of: name) }
        // `images/DIGEST.FORMAT` is where it lies in any data directory.
        let last = name.split(separator: "/").suffix(2)
        let moved = home + "/" + last.joined(separator: "/")
        return last.count == 2 && access(moved, F_OK) == 0 ? moved : name
    }

    private static func isSame(_ one: String, _ other: String) -> Bool {
        var first = stat()
        var second = stat()
        guard stat(one, &first) == 0, stat(other, &second) == 0 else { return false }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    /// The names of the disks whose files are there, sorted; nil if the directory can't be read. Looks at files.
    var disks: [String]? {
        do throws(DiskError) {
            return try FileSystemDisk().list(path).compactMap(Self.diskName)
        } catch {
            return error.isNotFound ? [] : nil
        }
    }

    /// `d` for `disk-d.qcow2`; nil for files that are no disks.
    private static func diskName(_ fileName: String) -> String? {
        let ending = MachineSpec.DiskFormat.allCases.map { "." + $0.rawValue }.first { fileName.hasSuffix($0) }
        guard let ending, fileName.hasPrefix(diskPrefix) else { return nil }
        return String(fileName.dropFirst(diskPrefix.count).dropLast(ending.count))
    }

    /// Those files of a record that are still there, with their paths. Looks at files.
    func present(_ named: [String: String]) -> [String: String] {
        named.mapValues { path(named: $0) }.filter { access($0.value, R_OK) == 0 }
    }
}
