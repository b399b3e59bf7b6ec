public import Fleet
public import Manifest
public import Primitives

/// One image as a node knows it: which object it is, what that asks for, and what the node holds of it.
public struct NodeImage: Equatable, Sendable {
    public var uid: UID
    public var spec: ImageSpec
    public var holding: ImageShelf.Holding

    public init(uid: UID, spec: ImageSpec, holding: ImageShelf.Holding) {
        self.uid = uid
        self.spec = spec
        self.holding = holding
    }

    /// An image that the node was not asked for; nil if its object is gone or can't be read.
    public init?(_ object: FleetObject?) {
        guard let object, let spec = try? ImageSpec(canonical: object.spec) else { return nil }
        self.init(uid: object.uid, spec: spec, holding: .absent)
    }

    /// Whether it is what the object asks for.
    public func isOf(_ object: FleetObject?) -> Bool {
        guard let wanted = NodeImage(object) else { return false }
        return uid == wanted.uid && spec == wanted.spec
    }
}
