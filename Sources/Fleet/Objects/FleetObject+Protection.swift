// What an object says against its own deletion. The fleet reads these two annotations, and no other.

extension FleetObject {
    /// `true` protects the object: nothing deletes it, by name or by its set, until the annotation says otherwise.
    public static let protectAnnotation = "blixard.dev/protect"
    /// `Retain` keeps the object when its set no longer names it, or is deleted; it is a member of no set then.
    public static let deletionPolicyAnnotation = "blixard.dev/deletion-policy"

    /// Whether nothing may delete it.
    public var isProtected: Bool { annotations[Self.protectAnnotation] == "true" }
    /// Whether it stays when its set lets go of it.
    public var isRetained: Bool { annotations[Self.deletionPolicyAnnotation] == "Retain" }
}
