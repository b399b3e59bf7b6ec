import Manifest

// The kinds that the fleet itself treats in a special way. They are written here, and not taken from what the program
// knows of kinds, because what an entry does must not depend on the program's version.

extension ObjectKey {
    static let machineKind = "VirtualMachine"
    static let imageKind = "Image"
    static let nodeKind = "Node"
    static let manifestSetKind = "ManifestSet"
    static let secretKind = "Secret"
    static let gitRepositoryKind = "GitRepository"

    var isMachine: Bool { kind == Self.machineKind }
    var isImage: Bool { kind == Self.imageKind }
    var isNode: Bool { kind == Self.nodeKind }
    var isManifestSet: Bool { kind == Self.manifestSetKind }
    var isSecret: Bool { kind == Self.secretKind }
    var isGitRepository: Bool { kind == Self.gitRepositoryKind }

    static func manifestSet(_ name: String) -> ObjectKey {
        ObjectKey(kind: manifestSetKind, namespace: "", name: name)
    }

    static func node(_ name: String) -> ObjectKey {
        ObjectKey(kind: nodeKind, namespace: "", name: name)
    }

    /// `VirtualMachine "default/web"`, for messages.
    var quoted: String {
        namespace.isEmpty ? "\(kind) \"\(name)\"" : "\(kind) \"\(namespace)/\(name)\""
    }
}
