public import Fleet

/// What a user's key may do.
public enum UserRole: String, CaseIterable, Sendable {
    case viewer
    case `operator`
    case admin

    /// Nil for a member of the cluster, which is no user.
    public init?(_ role: AccessRole) {
        switch role {
        case .admin: self = .admin
        case .operator: self = .operator
        case .viewer: self = .viewer
        case .node: return nil
        }
    }

    public var accessRole: AccessRole {
        switch self {
        case .admin: .admin
        case .operator: .operator
        case .viewer: .viewer
        }
    }
}
