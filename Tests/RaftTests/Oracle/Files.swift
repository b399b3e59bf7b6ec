import Glibc

/// Files of scenarios, read without any help from outside the standard C library.
enum Files {
    static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    static func isDirectory(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    /// A new empty file, which the caller removes.
    static func temporary() -> String {
        var template = Array("/tmp/raft-oracle-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        precondition(descriptor >= 0, "no temporary file in /tmp: errno \(errno)")
        close(descriptor)
        return template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    static func append(_ text: String, to path: String) {
        guard let file = fopen(path, "a") else { preconditionFailure("\(path) can't be written: errno \(errno)") }
        fputs(text, file)
        fclose(file)
    }

    private static func isFile(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG
    }

    static func read(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Every scenario below a directory, sorted by path; or the one file that the path names.
    static func scenarios(below path: String) -> [String] {
        isFile(path) ? [path] : list(below: path, ending: ".txt")
    }

    static func list(below directory: String, ending: String) -> [String] {
        var found: [String] = []
        guard let handle = opendir(directory) else { return [] }
        defer { closedir(handle) }
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard !name.hasPrefix(".") else { continue }
            let path = directory + "/" + name
            if isDirectory(path) {
                found += list(below: path, ending: ending)
            } else if name.hasSuffix(ending) {
                found.append(path)
            }
        }
        return found.sorted()
    }

    /// A directory of the package, found from this file upwards.
    static func directory(_ name: String) -> String? {
        var directory = #filePath[...]
        while let slash = directory.lastIndex(of: "/") {
            directory = directory[..<slash]
            if isDirectory(directory + "/" + name) { return directory + "/" + name }
        }
        return nil
    }

    /// The directory of published scenarios beside the checkout, or where `BLIXARD_SHARED` says.
    static let oracle: String? = {
        if let shared = environment("BLIXARD_SHARED") { return existing(shared + "/raft-oracle") }
        var directory = #filePath
        while let slash = directory.lastIndex(of: "/"), slash != directory.startIndex {
            directory = String(directory[..<slash])
            if let found = existing(directory + "/shared/raft-oracle") { return found }
        }
        return nil
    }()

    private static func existing(_ path: String) -> String? { isDirectory(path) ? path : nil }
}
