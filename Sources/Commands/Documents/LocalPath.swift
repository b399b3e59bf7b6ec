import Glibc
import ManifestFiles
import Primitives

/// A path as the file system has it: bytes, which need be no UTF-8.
struct LocalPath: Hashable {
    private let bytes: [UInt8]

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// A name in the current directory.
    init(name: [UInt8]) {
        self.init(bytes: name)
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// A name in this directory.
    func appending(_ name: [UInt8]) -> LocalPath {
        let slash = UInt8(ascii: "/")
        return LocalPath(bytes: bytes + (bytes.last == slash ? [] : [slash]) + name)
    }

    /// For people, and for errors about what stands in the file.
    var shown: String { String.harmless(bytes: bytes) }

    /// Whether the name says that it is a manifest.
    var isManifest: Bool { ManifestFormat(name: bytes) != nil }

    func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        (bytes + [0]).withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { body($0.baseAddress!) }  // At least the closing zero.
        }
    }

    /// What tells a directory from every other on this host; nil if it can't be examined.
    var identity: DirectoryIdentity? {
        var status = stat()
        guard withCString({ stat($0, &status) }) == 0 else { return nil }
        return DirectoryIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    struct DirectoryIdentity: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    /// The names in this directory, sorted by their bytes, without those that begin with a dot.
    func names() throws(FileFailure) -> [[UInt8]] {
        guard let stream = withCString(opendir) else { throw .last(shown, "it can't be listed") }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw .last(shown, "it can't be listed") }
                break
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name.first != UInt8(ascii: ".") { names.append(name) }
        }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }
}
