import Glibc
import Host

/// A directory that goes with the test.
enum TemporaryDirectory {
    static func with<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        var template = Array("/tmp/blixard-agent-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { preconditionFailure("no temporary directory: errno \(errno)") }
        let path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        defer { remove(path) }
        return try await body(path)
    }

    private static func remove(_ path: String) {
        // What is left behind harms nobody.
        guard let names = try? FileSystemDisk().list(path) else {
            unlink(path)
            return
        }
        for name in names { remove(path + "/" + name) }
        rmdir(path)
    }
}
