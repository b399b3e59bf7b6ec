import ManifestFiles
import Primitives

/// The manifest files below a directory of a commit, as `apply -f DIR -R` finds those of a directory on disk. Pure.
struct TreeSearch: Sendable {
    struct File: Equatable, Sendable {
        /// From the repository's root on, as people may see it.
        var path: String
        var blob: GitTree.Blob
    }

    /// In the order of their names, directory by directory.
    private(set) var files: [File] = []
    /// What can't be read, and why, as `PATH: WHY`. It might be a manifest, so nothing of the commit is used.
    private(set) var problems: [String] = []
    /// Submodules, whose files are not looked at.
    private(set) var passedOver: [String] = []
    private let paths: PathInTree
    /// A link may lead back to where the search has been.
    private var searched: Set<Int> = []

    /// - Parameter directory: The way to it from the root.
    init(_ directory: [Int], named path: String, in paths: PathInTree) {
        self.paths = paths
        search(directory, path)
    }

    private mutating func search(_ directory: [Int], _ path: String) {
        guard let last = directory.last, searched.insert(last).inserted,
            case .directory(let children) = paths.tree.nodes[last]
        else { return }
        let names = children.keys.filter { $0.first != UInt8(ascii: ".") }
        for name in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let shown = (path.isEmpty ? "" : path + "/") + String.harmless(bytes: name)
            look(name, children[name].map { paths.tree.nodes[$0] }, in: directory, shown)
        }
    }

    private mutating func look(_ name: [UInt8], _ node: GitTree.Node?, in directory: [Int], _ path: String) {
        let isManifest = ManifestFormat(name: name) != nil
        switch paths.place(of: name, from: directory) {
        case .file(let blob): if isManifest { files.append(File(path: path, blob: blob)) }
        case .directory(let way): search(way, path)
        case .submodule:
            if case .submodule? = node {
                passedOver.append(path)
            } else {
                problems.append("\(path): it is a link into a submodule, and submodules are not fetched")
            }
        // What it leads to is not known, so it may be a directory with manifests in it.
        case .outside: problems.append("\(path): it is a link that leads out of the repository")
        case .missing: if isManifest { problems.append("\(path): it is a link that leads nowhere") }
        case .loop: if isManifest { problems.append("\(path): it is a link that leads back to itself") }
        }
    }
}
