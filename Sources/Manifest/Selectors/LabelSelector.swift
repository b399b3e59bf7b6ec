import Primitives

/// Which labels an object must have: requirements that all hold.
///
/// Written `k=v`, `k==v`, `k!=v`, `k in (a,b)`, `k notin (a,b)`, `k` and `!k`, separated by commas. As in Kubernetes
/// `!=` and `notin` also hold for an object without the key.
public struct LabelSelector: Hashable, Sendable, CustomStringConvertible {
    public enum Requirement: Hashable, Sendable {
        case isOneOf(key: String, values: [String])
        case isNoneOf(key: String, values: [String])
        case exists(key: String)
        case doesNotExist(key: String)
    }

    /// More than any use needs; each is looked at for each object.
    static let mostRequirements = 128
    static let mostValues = 1024

    public var requirements: [Requirement]

    public init(requirements: [Requirement]) {
        self.requirements = requirements
    }

    /// Every label must be there with its value.
    public init(matching labels: [String: String]) {
        requirements = labels.sorted { $0.key < $1.key }.map { .isOneOf(key: $0.key, values: [$0.value]) }
    }

    /// Whether nothing is required.
    public var isEmpty: Bool { requirements.isEmpty }

    public func matches(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .isOneOf(let key, let values): labels[exactly: key].map(values.containsBytes(of:)) ?? false
            case .isNoneOf(let key, let values): !(labels[exactly: key].map(values.containsBytes(of:)) ?? false)
            case .exists(let key): labels[exactly: key] != nil
            case .doesNotExist(let key): labels[exactly: key] == nil
            }
        }
    }

    public var description: String {
        requirements.map { requirement in
            switch requirement {
            case .isOneOf(let key, let values):
                values.count == 1 ? "\(key)=\(values[0])" : "\(key) in (\(values.joined(separator: ",")))"
            case .isNoneOf(let key, let values):
                values.count == 1 ? "\(key)!=\(values[0])" : "\(key) notin (\(values.joined(separator: ",")))"
            case .exists(let key): key
            case .doesNotExist(let key): "!\(key)"
            }
        }.joined(separator: ",")
    }
}

/// Why text is no selector.
public struct SelectorError: Error, Hashable, Sendable, CustomStringConvertible {
    public let selector: String
    public let problem: String

    public init(selector: String, problem: String) {
        self.selector = selector
        self.problem = problem
    }

    public var description: String { "unable to parse selector \"\(selector)\": \(problem)" }
}
