/// What a path of a commit leads to, with links followed as the kernel would, but never out of the commit. Pure.
struct PathInTree: Sendable {
    enum Place: Equatable, Sendable {
        /// The way from the root: places in the tree's nodes.
        case directory([Int])
        case file(GitTree.Blob)
        case missing
        case submodule
        /// A link leads to an absolute path, or above the root.
        case outside
        /// More links than the kernel follows.
        case loop
    }

    let tree: GitTree
    /// Where the links lead, by the names of their content.
    let targets: [String: [UInt8]]

    /// As the kernel has it (`MAXSYMLINKS`).
    private static let mostLinks = 40

    /// - Parameters:
    ///   - path: From the directory on.
    ///   - directory: The way from the root.
    func place(of path: [UInt8], from directory: [Int] = [0]) -> Place {
        var way = directory
        var pending: [ArraySlice<UInt8>] = Self.parts(of: path)
        var followed = 0
        while let part = pending.popLast() {
            if part.isEmpty || part.elementsEqual(".".utf8) { continue }
            if part.elementsEqual("..".utf8) {
                guard way.count > 1 else { return .outside }
                way.removeLast()
                continue
            }
            guard let last = way.last, case .directory(let children) = tree.nodes[last],
                let child = children[Array(part)]
            else { return .missing }
            switch tree.nodes[child] {
            case .directory: way.append(child)
            case .file(let blob): return pending.isEmpty ? .file(blob) : .missing
            case .submodule: return .submodule
            case .link(let blob):
                followed += 1
                guard followed <= Self.mostLinks else { return .loop }
                guard let target = targets[blob.id], !target.isEmpty else { return .missing }
                guard target.first != UInt8(ascii: "/") else { return .outside }
                pending += Self.parts(of: target)
            }
        }
        return .directory(way)
    }

    /// The last one first.
    private static func parts(of path: [UInt8]) -> [ArraySlice<UInt8>] {
        path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).reversed()
    }
}
