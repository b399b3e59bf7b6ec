import Glibc
import Host
import TestFiles

/// A Git repository that a test makes with the program git.
final class TestRepository: Sendable {
    let path: String

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Makes one with a work tree and the branch `main`.
    init(_ path: String) throws {
        self.path = path
        try DurableFile.createDirectory(path)
        try git("init", "--quiet", "--initial-branch=main")
    }

    /// Answers what git prints, without the last line feed.
    @discardableResult
    func git(_ arguments: String...) throws -> String {
        let report: ProcessReport<Never> = try ChildProcess(
            executable: "/usr/bin/git", arguments: arguments,
            environment: ChildProcess.plainEnvironment + [
                "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
                "GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com", "GIT_COMMITTER_NAME=Ada",
                "GIT_COMMITTER_EMAIL=ada@example.com", "GIT_ALLOW_PROTOCOL=file",
            ], workingDirectory: path, newSession: true
        ).runReading(input: [], outputLimit: 1 << 20, errorLimit: 1 << 12) { nil }
        guard report.isSuccess else {
            throw Failure(
                description: "git \(arguments): \(report.cause) \(String(decoding: report.errors, as: UTF8.self))")
        }
        let text = String(decoding: report.output, as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    /// Writes files and commits everything that is in the work tree; answers the commit's name.
    @discardableResult
    func commit(_ files: [String: String], message: String = "A change") throws -> String {
        for (name, text) in files {
            let file = path + "/" + name
            if let slash = file.lastIndex(of: "/") { try DurableFile.createDirectory(String(file[..<slash])) }
            try TextFile.write(text, to: file)
        }
        return try commitAll(message)
    }

    @discardableResult
    func commitAll(_ message: String = "A change") throws -> String {
        try git("add", "--all")
        try git("commit", "--quiet", "--allow-empty", "--message", message)
        return try git("rev-parse", "HEAD")
    }

    func link(_ name: String, to target: String) throws {
        let file = path + "/" + name
        if let slash = file.lastIndex(of: "/") { try DurableFile.createDirectory(String(file[..<slash])) }
        guard symlink(target, file) == 0 else { throw Failure(description: "no link \(name) can be made") }
    }

    /// A manifest of one machine.
    static func machine(_ name: String, vcpus: Int = 1) -> String {
        """
        apiVersion: blixard.dev/v1
        kind: VirtualMachine
        metadata:
          name: \(name)
        spec:
          vcpus: \(vcpus)
          memory: 32Mi

        """
    }
}
