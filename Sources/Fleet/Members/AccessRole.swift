public import Primitives

/// What a key may do; the numbers are stable.
public enum AccessRole: UInt8, Equatable, Sendable, CaseIterable {
    case admin = 1
    case `operator` = 2
    case viewer = 3
    /// A member of the cluster; never granted, only joined.
    case node = 4
}

/// A user's key and its role.
public struct AccessEntry: Equatable, Sendable {
    public var key: PublicKey
    /// For people; not unique.
    public var name: String
    public var role: AccessRole

    public init(key: PublicKey, name: String, role: AccessRole) {
        self.key = key
        self.name = name
        self.role = role
    }
}
