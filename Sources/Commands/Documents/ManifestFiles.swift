import Manifest
import Primitives

/// Finds the files that `-f` means and reads them as manifest sources.
struct ManifestFiles {
    /// What stood after each `-f`.
    var names: [String]
    /// Whether directories are searched to the bottom.
    var recursive: Bool

    static let extensions = [".json", ".yaml", ".yml"]
    /// What errors call standard input.
    static let inputName = "STDIN"

    struct Outcome {
        var sources: [ManifestSource] = []
        /// YAML that could not be read.
        var errors: [ManifestError] = []
        /// The files, in the order in which they were read.
        var names: [String] = []
    }

    /// All sources, directories in the order of their names. YAML that can't be read is among the errors, so that it
    /// is reported together with everything else that is wrong.
    func read(input: () throws(FileFailure) -> [UInt8]) throws -> Outcome {
        var outcome = Outcome()
        guard names.filter({ $0 == "-" }).count <= 1 else {
            throw CommandFailure.error("standard input can be read once: -f - is given more than once")
        }
        for name in names {
            if name == "-" {
                add(try input(), name: Self.inputName, to: &outcome)
                continue
            }
            switch try LocalFiles.kind(of: name) {
            case nil: throw CommandFailure.error("the path \"\(name)\" does not exist")
            case .file: add(try LocalFiles.read(name, limit: Limits.manifestFileBytes), name: name, to: &outcome)
            case .directory:
                let files = try files(in: name)
                guard !files.isEmpty else {
                    throw CommandFailure.error(
                        "the directory \"\(name)\" has no files with the extensions .json, .yaml or .yml"
                            + (recursive ? "" : "; -R searches directories below it too"))
                }
                for file in files {
                    add(try LocalFiles.read(file, limit: Limits.manifestFileBytes), name: file, to: &outcome)
                }
            }
        }
        return outcome
    }

    private func files(in directory: String) throws -> [String] {
        var files: [String] = []
        let prefix = directory.hasSuffix("/") ? directory : directory + "/"
        for name in try LocalFiles.names(in: directory) {
            switch try LocalFiles.kind(of: prefix + name) {
            case .file: if Self.extensions.contains(where: name.hasSuffix) { files.append(prefix + name) }
            case .directory: if recursive { files += try self.files(in: prefix + name) }
            case nil: break
            }
        }
        return files
    }

    /// JSON by its extension or, on standard input, by its first sign; YAML otherwise.
    private func add(_ bytes: [UInt8], name: String, to outcome: inout Outcome) {
        outcome.names.append(name)
        if name.hasSuffix(".json") || (!Self.isYAMLName(name) && Self.looksLikeJSON(bytes)) {
            outcome.sources.append(ManifestSource(name: name, bytes: bytes))
            return
        }
        let documents = YAMLDocuments(bytes, source: name)
        outcome.sources += documents.sources
        outcome.errors += documents.errors
    }

    private static func isYAMLName(_ name: String) -> Bool { name.hasSuffix(".yaml") || name.hasSuffix(".yml") }

    private static func looksLikeJSON(_ bytes: [UInt8]) -> Bool {
        let first = bytes.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0a && $0 != 0x0d }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }
}
