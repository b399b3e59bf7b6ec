import JSONText
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
        /// Text that could not be read.
        var errors: [ManifestError] = []
        /// The files, in the order in which they were read.
        var names: [String] = []
        /// How many bytes may still be read.
        var allowance = Limits.manifestFileBytes
    }

    /// All sources, directories and what a pattern matches in the order of their names. Text that can't be read is among
    /// the errors, so that it is reported together with everything else that is wrong.
    func read(in world: World) async throws -> Outcome {
        var outcome = Outcome()
        guard names.filter({ $0 == "-" }).count <= 1 else {
            throw CommandFailure.error("standard input can be read once: -f - is given more than once")
        }
        for name in names {
            if name == "-" {
                try add(try world.readInput(), name: Self.inputName, to: &outcome)
            } else if LocalFiles.isDescriptor(name) {
                try add(try LocalFiles.read(name, limit: outcome.allowance), name: name, to: &outcome)
            } else if let url = try ManifestURL(name) {
                let bytes = try await world.fetch(url.url, outcome.allowance)
                try add(bytes, name: name, extension: url.path, to: &outcome)
            } else if PathPattern.isPattern(name), try LocalFiles.kind(of: name) == nil {
                let paths = try PathPattern(name).paths()
                guard !paths.isEmpty else {
                    throw CommandFailure.error("the pattern \"\(name.harmless)\" matches nothing")
                }
                for path in paths { try add(path, to: &outcome) }
            } else {
                try add(LocalPath(name), to: &outcome)
            }
        }
        return outcome
    }

    private func add(_ path: LocalPath, to outcome: inout Outcome) throws {
        switch try LocalFiles.kind(of: path) {
        case nil: throw CommandFailure.error("the path \"\(path.shown)\" does not exist")
        case .directory:
            let directory = try ManifestDirectory(path, recursive: recursive)
            // All of a directory's manifests, or none: one that can't be read may be the one that matters.
            guard directory.problems.isEmpty else {
                let lines = directory.problems.map { "error: \($0)" } + ["nothing was changed"]
                throw CommandFailure(text: lines.joined(separator: "\n"))
            }
            guard !directory.files.isEmpty else {
                throw CommandFailure.error(
                    "the directory \"\(path.shown)\" has no files with the extensions .json, .yaml or .yml"
                        + (recursive ? "" : "; -R searches directories below it too"))
            }
            for file in directory.files { try addFile(file, to: &outcome) }
        case .file, .special: try addFile(path, to: &outcome)
        }
    }

    private func addFile(_ file: LocalPath, to outcome: inout Outcome) throws {
        try add(try LocalFiles.read(file, limit: Limits.manifestFileBytes), name: file.shown, to: &outcome)
    }

    /// JSON by its extension or, without one, by its first sign; YAML otherwise.
    ///
    /// - Parameter path: What ends with the extension; nil for the name.
    private func add(
        _ bytes: [UInt8], name: String, extension path: String? = nil, to outcome: inout Outcome
    ) throws {
        outcome.names.append(name)
        outcome.allowance -= bytes.count
        guard outcome.allowance >= 0 else {
            throw CommandFailure.error(
                "\(name): the manifests are too large: together they may have \(Limits.manifestFileBytes) bytes")
        }
        let text = ManifestText(bytes)
        if let problem = text.problem {
            outcome.errors.append(
                ManifestError(
                    source: name, position: nil, object: nil, path: .root, reason: .malformed, detail: problem))
            return
        }
        let lowered = (path ?? name).lowercased()
        let isYAML = lowered.hasSuffix(".yaml") || lowered.hasSuffix(".yml")
        if lowered.hasSuffix(".json") || (!isYAML && text.looksLikeJSON) {
            outcome.sources.append(ManifestSource(name: name, bytes: text.bytes))
            return
        }
        let documents = YAMLDocuments(text.bytes, source: name)
        outcome.sources += documents.sources
        outcome.errors += documents.errors
    }
}
