import Contract
import Glibc

/// Two directories for their owner alone, side by side in one that is made for them.
struct DiffDirectories {
    let live: String
    let applied: String
    private let parent: String

    init(under place: String) throws(FileFailure) {
        parent = try LocalFiles.makePrivateDirectory(named: "blixard-diff", under: place)
        // As those of kubectl, whose names differ from run to run.
        let suffix = parent.suffix(6)
        live = "\(parent)/LIVE-\(suffix)"
        applied = "\(parent)/APPLIED-\(suffix)"
        for directory in [live, applied] where mkdir(directory, 0o700) != 0 {
            let failure = FileFailure.last(directory, "it can't be made")
            remove()
            throw failure
        }
    }

    func write(_ pair: ExternalDiff.Pair) throws(FileFailure) {
        // A name that a server gives is no path.
        let name = PercentEncoding.encode(pair.name)
        try LocalFiles.overwrite("\(live)/\(name)", with: pair.live)
        try LocalFiles.overwrite("\(applied)/\(name)", with: pair.applied)
    }

    /// Takes all of it away, with what the program may have left there.
    func remove() { LocalFiles.remove(tree: parent) }
}

extension LocalFiles {
    /// Removes a file, or a directory with everything in it; links are not followed. What can't be removed stays.
    static func remove(tree path: String) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0, let directory = fdopendir(descriptor) else {
            if descriptor >= 0 { close(descriptor) }
            unlink(path)
            return
        }
        while let entry = readdir(directory) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            let name = String(decoding: bytes, as: UTF8.self)
            if name != ".", name != ".." { remove(tree: path + "/" + name) }
        }
        closedir(directory)
        rmdir(path)
    }
}
