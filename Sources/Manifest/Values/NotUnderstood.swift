public import JSONText

/// Why a stored `spec` or `status` can't be read by this program: most often it was written for a newer one.
public struct NotUnderstood: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Problem: Hashable, Sendable {
        /// A field that this program does not know.
        case unknownField
        case missing
        /// A value of another type or outside of what is allowed.
        case unexpected(found: String, allowed: String)
    }

    /// The field, from `spec` or `status` on.
    public let path: JSONPath
    public let problem: Problem

    public init(path: JSONPath, problem: Problem) {
        self.path = path
        self.problem = problem
    }

    public var description: String {
        switch problem {
        case .unknownField: "unknown field \(path): it needs a newer blixard on this node"
        case .missing: "\(path): Required value"
        case .unexpected(let found, let allowed): "\(path): found \(found), must be \(allowed)"
        }
    }
}
