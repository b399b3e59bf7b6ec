import CLinux
import Glibc
import Host

/// What no image is ever read from, whatever directories are allowed: the data directories of this and other nodes.
///
/// Directories are told by what they are, not by their names, so another name of one (a link, a mount) does not help.
struct PrivatePlaces: Sendable {
    let home: String

    private struct Identity: Hashable {
        var device: UInt64
        var number: UInt64

        init(_ status: stat) {
            device = UInt64(status.st_dev)
            number = UInt64(status.st_ino)
        }
    }

    /// What only a node's data directory holds together.
    private static let marks = ["key", "raft"]

    /// - Parameters:
    ///   - file: A descriptor of an opened file.
    ///   - status: That of the file.
    /// - Throws: If the file lies in a data directory, or is a file of this node's under another name.
    func refuse(_ file: Int32, _ status: stat) throws(AgentError) {
        let own = ownDirectories
        let refusal = AgentError(
            "it lies in the data directory of a node, and no image may be read from there; move it elsewhere")
        if status.st_nlink > 1, files(of: own).contains(Identity(status)) { throw refusal }
        let identities = Set(own.compactMap(Self.identity(of:)))
        var place = clinux_open_place(try Self.directory(of: file))
        defer { if place >= 0 { close(place) } }
        var last: Identity?
        while true {
            var found = stat()
            guard place >= 0, fstat(place, &found) == 0 else { throw .system("look at its directory") }
            let identity = Identity(found)
            // The root is its own parent.
            if identity == last { return }
            let isMarked = Self.marks.allSatisfy { faccessat(place, $0, F_OK, 0) == 0 }
            guard !isMarked, !identities.contains(identity) else { throw refusal }
            last = identity
            let parent = clinux_open_parent(place)
            close(place)
            place = parent
        }
    }

    /// Deeper than any directory of a node; a bound for what may lie there besides.
    private static let levels = 8

    /// The data directory and those in it.
    private var ownDirectories: [String] { [home] + Self.directories(in: home, levels: Self.levels) }

    private static func directories(in parent: String, levels: Int) -> [String] {
        guard levels > 0 else { return [] }
        let found = names(in: parent).map { parent + "/" + $0 }.filter { path in
            var status = stat()
            return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        }
        return found + found.flatMap { directories(in: $0, levels: levels - 1) }
    }

    private func files(of directories: [String]) -> Set<Identity> {
        Set(
            directories.flatMap { parent in Self.names(in: parent).compactMap { Self.identity(of: parent + "/" + $0) } }
        )
    }

    /// What can't be listed, or went away a moment ago, holds nothing that could be read.
    private static func names(in directory: String) -> [String] {
        (try? FileSystemDisk().list(directory)) ?? []
    }

    private static func identity(of path: String) -> Identity? {
        var status = stat()
        return lstat(path, &status) == 0 ? Identity(status) : nil
    }

    /// Where the file is, as the kernel says.
    private static func directory(of file: Int32) throws(AgentError) -> String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes {
            readlink("/proc/self/fd/\(file)", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
        }
        guard count > 0, count < buffer.count, let slash = buffer[..<count].lastIndex(of: UInt8(ascii: "/")) else {
            throw .system("tell where it is")
        }
        return slash == 0 ? "/" : String(decoding: buffer[..<slash], as: UTF8.self)
    }
}
