import ManifestFiles
import Primitives

/// Finds the files that `-f` means and reads them as manifest sources.
struct ManifestArguments {
    /// What stood after each `-f`.
    var names: [String]
    /// Whether directories are searched to the bottom.
    var recursive: Bool

    /// What errors call standard input.
    static let inputName = "STDIN"

    /// All sources, directories and what a pattern matches in the order of their names. Text that can't be read is among
    /// the errors, so that it is reported together with everything else that is wrong.
    func read(in world: World) async throws -> ManifestCollection {
        var collection = ManifestCollection(limit: Limits.manifestFileBytes)
        guard names.filter({ $0 == "-" }).count <= 1 else {
            throw CommandFailure.error("standard input can be read once: -f - is given more than once")
        }
        for name in names {
            if name == "-" {
                try add(try world.readInput(), name: Self.inputName, to: &collection)
            } else if LocalFiles.isDescriptor(name) {
                try add(try LocalFiles.read(name, limit: collection.allowance), name: name, to: &collection)
            } else if let url = try ManifestURL(name) {
                let bytes = try await world.fetch(url.url, collection.allowance)
                try add(bytes, name: name, extension: url.path, to: &collection)
            } else if PathPattern.isPattern(name), try LocalFiles.kind(of: name) == nil {
                let paths = try PathPattern(name).paths()
                guard !paths.isEmpty else {
                    throw CommandFailure.error("the pattern \"\(name.harmless)\" matches nothing")
                }
                for path in paths { try add(path, to: &collection) }
            } else {
                try add(LocalPath(name), to: &collection)
            }
        }
        return collection
    }

    private func add(_ path: LocalPath, to collection: inout ManifestCollection) throws {
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
            for file in directory.files { try addFile(file, to: &collection) }
        case .file, .special: try addFile(path, to: &collection)
        }
    }

    private func addFile(_ file: LocalPath, to collection: inout ManifestCollection) throws {
        try add(try LocalFiles.read(file, limit: Limits.manifestFileBytes), name: file.shown, to: &collection)
    }

    private func add(
        _ bytes: [UInt8], name: String, extension path: String? = nil, to collection: inout ManifestCollection
    ) throws(CommandFailure) {
        do throws(ManifestCollection.TooLarge) {
            try collection.add(bytes, name: name, extension: path)
        } catch {
            throw .error("\(error)")
        }
    }
}
