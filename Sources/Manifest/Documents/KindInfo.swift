/// What a kind is called and where its objects live.
public struct KindInfo: Hashable, Sendable {
    /// As in a document: `VirtualMachine`.
    public let kind: String
    /// As in the API's paths: `virtualmachines`.
    public let plural: String
    /// As in success lines: `virtualmachine`.
    public let singular: String
    public let shortNames: [String]
    public let namespaced: Bool
    /// Whether users may not write objects of this kind: the cluster itself does.
    public let isReadOnly: Bool

    public static let group = "blixard.dev"
    public static let version = "v1"
    /// `blixard.dev/v1`.
    public static let apiVersion = group + "/" + version
    /// Where a namespaced object goes that names no namespace.
    public static let defaultNamespace = "default"

    public static let event = KindInfo(
        kind: "Event", plural: "events", singular: "event", shortNames: ["ev"], namespaced: true, isReadOnly: true)
    public static let gitRepository = KindInfo(
        kind: "GitRepository", plural: "gitrepositories", singular: "gitrepository", shortNames: ["git"],
        namespaced: false, isReadOnly: false)
    public static let image = KindInfo(
        kind: "Image", plural: "images", singular: "image", shortNames: ["img"], namespaced: false, isReadOnly: false)
    public static let manifestSet = KindInfo(
        kind: "ManifestSet", plural: "manifestsets", singular: "manifestset", shortNames: ["set", "sets"],
        namespaced: false, isReadOnly: false)
    public static let node = KindInfo(
        kind: "Node", plural: "nodes", singular: "node", shortNames: ["no"], namespaced: false, isReadOnly: false)
    public static let secret = KindInfo(
        kind: "Secret", plural: "secrets", singular: "secret", shortNames: [], namespaced: true, isReadOnly: false)
    public static let virtualMachine = KindInfo(
        kind: "VirtualMachine", plural: "virtualmachines", singular: "virtualmachine", shortNames: ["vm", "vms"],
        namespaced: true, isReadOnly: false)

    /// Every kind, by name.
    public static let all = [event, gitRepository, image, manifestSet, node, secret, virtualMachine]

    /// The kinds that a manifest may hold.
    public static var writable: [KindInfo] { all.filter { !$0.isReadOnly } }

    /// The kind that any of its spellings means, in any case, with or without the group: `vm`, `vms`,
    /// `VirtualMachine`, `virtualmachines.blixard.dev`.
    public static func named(_ word: String) -> KindInfo? {
        var word = word.lowercased()
        for suffix in ["." + version + "." + group, "." + group] where word.hasSuffix(suffix) {
            word.removeLast(suffix.count)
            break
        }
        return all.first { $0.spellings.contains(word) }
    }

    /// Every word that means this kind, in lower case.
    public var spellings: [String] { [plural, singular] + shortNames }

    /// `virtualmachines.blixard.dev`, as messages name a resource.
    public var qualifiedPlural: String { plural + "." + Self.group }

    /// The key of an object of this kind; a namespace is left away for kinds of the whole cluster.
    public func key(namespace: String, name: String) -> ObjectKey {
        ObjectKey(kind: kind, namespace: namespaced ? namespace : "", name: name)
    }
}
