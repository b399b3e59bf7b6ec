/// The directories of this host that image sources may lie below. Pure: paths in, a decision out.
struct SourceDirectories: Equatable, Sendable {
    /// Absolute paths; empty where no file of the host may be read.
    let directories: [String]

    /// A file by the allowed directory that it lies below.
    struct Place: Equatable, Sendable {
        var directory: String
        /// From the directory on; never empty, without `.` and `..`.
        var name: String
    }

    /// - Throws: Why the source may not be read, with what a person can do about it.
    func place(of source: String) throws(AgentError) -> Place {
        guard source.utf8.first == UInt8(ascii: "/"), !source.utf8.contains(0) else {
            throw AgentError("it must be an absolute path, or an http or https URL")
        }
        let parts = Self.parts(of: source)
        guard !parts.contains("..") else {
            throw AgentError("its path holds \"..\"; write where the file is without it")
        }
        guard !directories.isEmpty else {
            throw AgentError(
                "this node allows no directory for images; start it with --source-dir DIRECTORY, "
                    + "such as --source-dir \(Self.parent(of: parts)), or put the file on a web server")
        }
        // Of several the deepest, so that the rest of the path is as short as can be.
        let covering = directories.map { (path: $0, parts: Self.parts(of: $0)) }
            .filter { $0.parts.count < parts.count && zip($0.parts, parts).allSatisfy { $0.hasSameBytes(as: $1) } }
            .max { $0.parts.count < $1.parts.count }
        guard let covering else {
            throw AgentError(
                "it is not below a directory that this node allows for images (\(list)); move it there, "
                    + "or start the node with --source-dir \(Self.parent(of: parts)) as well")
        }
        return Place(
            directory: covering.path, name: parts.dropFirst(covering.parts.count).joined(separator: "/"))
    }

    /// For messages.
    var list: String { directories.joined(separator: ", ") }

    private static func parts(of path: String) -> [Substring] {
        path.split(separator: "/").filter { $0 != "." }
    }

    private static func parent(of parts: [Substring]) -> String {
        "/" + parts.dropLast().joined(separator: "/")
    }
}

extension Substring {
    /// Names of files are bytes: two spellings of one letter are two names.
    fileprivate func hasSameBytes(as other: Substring) -> Bool { utf8.elementsEqual(other.utf8) }
}
