import Primitives

/// The files of one commit by their names, without their content. Pure.
struct GitTree: Sendable {
    /// The content of a file or of a link, by its name in the repository.
    struct Blob: Hashable, Sendable {
        var id: String
        var byteCount: Int
    }

    enum Node: Sendable {
        /// Places in ``nodes`` by the names in it.
        case directory([[UInt8]: Int])
        case file(Blob)
        case link(Blob)
        /// A commit of another repository.
        case submodule
    }

    /// The root first.
    private(set) var nodes: [Node] = [.directory([:])]

    /// A list that git never writes.
    struct Malformed: Error {}

    /// - Parameter listing: From `git ls-tree -r -l -z --full-tree`: `MODE TYPE ID SIZE\tPATH` and a zero for each.
    init(listing: [UInt8]) throws(Malformed) {
        for record in listing.split(separator: 0) {
            guard let tab = record.firstIndex(of: UInt8(ascii: "\t")) else { throw Malformed() }
            let words = record[..<tab].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
            guard words.count == 4 else { throw Malformed() }
            let path = record[(tab + 1)...]
            guard !path.isEmpty, path.count <= GitLimits.pathBytes else { throw Malformed() }
            try add(path, node(mode: words[0], id: words[2], size: words[3]))
        }
    }

    private func node(mode: String, id: String, size: String) throws(Malformed) -> Node {
        if mode == "160000" { return .submodule }
        guard let byteCount = Int(size), byteCount >= 0 else { throw Malformed() }
        let blob = Blob(id: id, byteCount: byteCount)
        return mode == "120000" ? .link(blob) : .file(blob)
    }

    private mutating func add(_ path: ArraySlice<UInt8>, _ node: Node) throws(Malformed) {
        var parent = 0
        let parts = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Array.init)
        for part in parts.dropLast() { parent = try directory(part, in: parent) }
        try insert(node, named: parts[parts.count - 1], in: parent)
    }

    /// The directory of that name, which is made if it is not there.
    private mutating func directory(_ name: [UInt8], in parent: Int) throws(Malformed) -> Int {
        guard case .directory(let children) = nodes[parent] else { throw Malformed() }
        if let found = children[name] { return found }
        return try insert(.directory([:]), named: name, in: parent)
    }

    @discardableResult
    private mutating func insert(_ node: Node, named name: [UInt8], in parent: Int) throws(Malformed) -> Int {
        guard case .directory(var children) = nodes[parent], children[name] == nil, !name.isEmpty else {
            throw Malformed()
        }
        // The only copy is changed, so that a directory of many files is not copied for each of them.
        nodes[parent] = .submodule
        children[name] = nodes.count
        nodes[parent] = .directory(children)
        nodes.append(node)
        return nodes.count - 1
    }

    /// The links, each content once.
    var links: [Blob] {
        var seen: Set<Blob> = []
        return nodes.compactMap { node in
            guard case .link(let blob) = node, seen.insert(blob).inserted else { return nil }
            return blob
        }
    }
}
