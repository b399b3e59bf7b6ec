import Glibc

@testable import Mesh

/// A directory that is removed with this value.
final class TemporaryDirectory {
    let path: String

    init() throws {
        var template = Array("/tmp/blixard-mesh-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TimedOut(what: "no temporary directory") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        for name in names { unlink(path + "/" + name) }
        rmdir(path)
    }

    var names: [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    func write(_ name: String, _ text: String) throws -> String {
        let file = path + "/" + name
        try DurableFile.replace(Array(text.utf8), at: file, mode: 0o600)
        return file
    }
}
