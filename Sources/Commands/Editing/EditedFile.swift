import Glibc
import Primitives

/// The file that an editor opens, in a directory of its own that only its owner can read.
struct EditedFile {
    let path: String
    private let directory: String

    /// - Parameter parent: Where the directory is made.
    init(named name: String, under parent: String) throws(FileFailure) {
        directory = try LocalFiles.makePrivateDirectory(named: "blixard-edit", under: parent)
        path = directory + "/" + name
    }

    func write(_ text: String) throws(FileFailure) { try LocalFiles.overwrite(path, with: text) }

    /// The text without the comments at its top. JSON has no comments of its own, so all of its lines that begin like
    /// one are left out.
    func read(_ form: EditingSession.Form) throws(FileFailure) -> String {
        let bytes = try LocalFiles.read(path, limit: Limits.requestBodyBytes)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw FileFailure(path: path, problem: "the text is not UTF-8")
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let kept = form == .json ? lines.filter { !$0.hasPrefix("#") } : Array(lines.drop { $0.hasPrefix("#") })
        return kept.joined(separator: "\n")
    }

    /// Takes file and directory away.
    func remove() {
        unlink(path)
        // An editor may have left a file of its own beside it, which then stays.
        rmdir(directory)
    }
}

extension LocalFiles {
    /// Makes a directory that only its owner can read and that no other has the name of; answers its path.
    static func makePrivateDirectory(named name: String, under parent: String) throws(FileFailure) -> String {
        // mkdtemp puts letters in the place of the last six.
        var template = Array("\(parent)/\(name)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw .last(parent, "no directory can be made in it") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Writes a file's whole text, for its owner alone where there is no file yet; a link is not followed.
    static func overwrite(_ path: String, with text: String) throws(FileFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .last(path, "it can't be opened") }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .last(path, "it can't be written") }
            rest = rest.dropFirst(count)
        }
    }
}
