import Glibc

/// A directory for the owner alone that is removed, with everything in it, together with this value.
///
/// Whoever needs its path for longer than it mentions the value keeps that in a property, or uses
/// ``with(named:in:_:)``. A host on which none can be made, or written to, is no host to run tests on: then the tests
/// stop.
package final class TemporaryDirectory: Sendable {
    package let path: String

    /// - Parameters:
    ///   - name: What tells it from those of other tests, to somebody who finds it left behind.
    ///   - parent: In which file system it is.
    package init(named name: String, in parent: String = "/tmp") {
        var template = Array("\(parent)/blixard-\(name)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            preconditionFailure("no directory \(name) can be made in \(parent): \(String(cString: strerror(errno)))")
        }
        path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    deinit { TextFile.remove(tree: path) }

    /// The names in it, ascending.
    package var names: [String] { TextFile.names(in: path) }

    /// Empty if there is no such file.
    package func text(of name: String) -> String { TextFile.read(path + "/" + name) ?? "" }

    /// Writes a file, in a directory of its own if the name has one; answers its path.
    package func write(_ name: String, _ text: String) -> String {
        let file = path + "/" + name
        if let slash = name.lastIndex(of: "/") { mkdir(path + "/" + name[..<slash], 0o700) }
        do {
            try TextFile.write(text, to: file)
        } catch {
            preconditionFailure("\(error)")
        }
        return file
    }

    package static func with<Value>(
        named name: String, in parent: String = "/tmp", _ body: (String) throws -> Value
    ) rethrows -> Value {
        let directory = TemporaryDirectory(named: name, in: parent)
        return try withExtendedLifetime(directory) { try body(directory.path) }
    }

    package static func with<Value>(
        named name: String, in parent: String = "/tmp", _ body: (String) async throws -> Value
    ) async rethrows -> Value {
        let directory = TemporaryDirectory(named: name, in: parent)
        defer { withExtendedLifetime(directory) {} }
        return try await body(directory.path)
    }
}
