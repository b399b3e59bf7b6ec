/// Objects that are taken to exist although no document declares them.
public struct AssumedObjects: Hashable, Sendable {
    private var kinds: Set<KindInfo> = []
    private var names: Set<ObjectKey> = []

    public init() {}

    /// Every object of a kind.
    public mutating func add(_ kind: KindInfo) { kinds.insert(kind) }

    /// The object of this name; of a kind with namespaces, the one in every namespace.
    public mutating func add(_ kind: KindInfo, named name: String) {
        names.insert(ObjectKey(kind: kind.kind, namespace: "", name: name))
    }

    public func contains(_ key: ObjectKey) -> Bool {
        kinds.contains { $0.kind == key.kind }
            || names.contains(ObjectKey(kind: key.kind, namespace: "", name: key.name))
    }
}
