import Primitives

/// What names an object: its kind, its namespace and its name, each by its bytes.
public struct ObjectKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// As in `kind` of a document: `VirtualMachine`.
    public let kind: String
    /// Empty for objects of the whole cluster.
    public let namespace: String
    public let name: String

    public init(kind: String, namespace: String, name: String) {
        self.kind = kind
        self.namespace = namespace
        self.name = name
    }

    /// `virtualmachine.blixard.dev/web`, as success lines and `-o name` print it.
    public var resourceName: String { "\(kind.lowercased()).\(KindInfo.group)/\(name)" }

    /// `VirtualMachine default/web`, or `Node node-1`.
    public var description: String { namespace.isEmpty ? "\(kind) \(name)" : "\(kind) \(namespace)/\(name)" }

    public static func == (left: ObjectKey, right: ObjectKey) -> Bool {
        left.name.hasSameBytes(as: right.name) && left.namespace.hasSameBytes(as: right.namespace)
            && left.kind.hasSameBytes(as: right.kind)
    }

    /// By kind, then namespace, then name, each by its UTF-8 bytes.
    public static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        if !left.kind.hasSameBytes(as: right.kind) { return left.kind.precedesByBytes(right.kind) }
        if !left.namespace.hasSameBytes(as: right.namespace) { return left.namespace.precedesByBytes(right.namespace) }
        return left.name.precedesByBytes(right.name)
    }
}
