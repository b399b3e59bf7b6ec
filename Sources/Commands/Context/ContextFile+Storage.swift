import Host
import JSONText
import ManifestFiles

extension ContextFile {
    /// Where the contexts are kept: `BLIXARD_CONTEXT`, else `blixard/context.json` under `XDG_CONFIG_HOME` or
    /// `~/.config`. Nil without a home directory.
    static func path(in environment: [String: String]) -> String? {
        if let path = environment["BLIXARD_CONTEXT"], !path.isEmpty { return path }
        return UserDirectories.configuration(in: environment).map { $0 + "/context.json" }
    }

    /// The contexts in a file; none if there is no file.
    static func load(from path: String) throws(FileFailure) -> ContextFile {
        guard try LocalFiles.kind(of: path) != nil else { return ContextFile() }
        let bytes = ManifestText(try LocalFiles.read(path, limit: 16 << 20)).bytes
        let json: JSON
        do {
            json = try JSON(parsing: bytes)
        } catch {
            throw FileFailure(path: path, problem: "it is no JSON: \(error); repair or remove it")
        }
        guard let file = ContextFile(json) else {
            throw FileFailure(path: path, problem: "it is no file of contexts; repair or remove it")
        }
        return file
    }

    /// Replaces the file at once, for its owner alone.
    func save(to path: String) throws(FileFailure) {
        do {
            try DurableFile.createDirectory(UserDirectories.parent(of: path))
            try DurableFile.write(json.prettyBytes + [0x0a], to: path, mode: 0o600)
        } catch {
            throw FileFailure(path: path, problem: "it can't be written: \(error)")
        }
    }
}

/// Directories of the person who runs the program, as the XDG base directory specification names them.
enum UserDirectories {
    static func configuration(in environment: [String: String]) -> String? {
        directory("XDG_CONFIG_HOME", under: ".config", in: environment)
    }

    static func state(in environment: [String: String]) -> String? {
        directory("XDG_STATE_HOME", under: ".local/state", in: environment)
    }

    /// What stands before the last `/`; `.` for a bare name.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// A relative path in a variable is invalid and ignored, as the specification says.
    private static func directory(_ variable: String, under home: String, in environment: [String: String]) -> String? {
        if let base = environment[variable], base.hasPrefix("/") { return base + "/blixard" }
        guard let base = environment["HOME"], base.hasPrefix("/") else { return nil }
        return base + "/" + home + "/blixard"
    }
}
