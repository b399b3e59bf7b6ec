import Primitives

/// Every parameter that a request's query may hold and that means something here, with what its value may be.
///
/// A query is checked against this list when it is read, whatever route it is for. Parameters that are not in the list
/// are passed over: clients of Kubernetes send some that have no meaning here.
public enum QueryParameter: String, CaseIterable, Sendable {
    case allowWatchBookmarks
    case consistency
    case dryRun
    case fieldSelector
    case follow
    case gracePeriodSeconds
    case ignoreStoreReadErrorWithClusterBreakingPotential
    case includeObject
    case labelSelector
    case limit
    case limitBytes
    case offset
    case orphanDependents
    case propagationPolicy
    case resourceVersion
    case sendInitialEvents
    case tailLines
    case timeoutSeconds
    case watch

    /// Whether several values have a meaning together. Of any other parameter the second would be passed over in
    /// silence.
    public var mayRepeat: Bool { self == .dryRun }

    /// The parameter with a value, for a query that a client sends.
    public func item(_ value: some CustomStringConvertible) -> (String, String) { (rawValue, value.description) }

    /// What a value may be, beside nothing.
    public enum Form: Sendable {
        case flag
        /// A whole number of these bounds, in decimal digits.
        case number(ClosedRange<Int64>)
        /// Text that its reader checks; at most so many bytes.
        case text(Int)
    }

    public var form: Form {
        switch self {
        case .allowWatchBookmarks, .follow, .ignoreStoreReadErrorWithClusterBreakingPotential, .orphanDependents,
            .sendInitialEvents, .watch:
            .flag
        case .consistency, .dryRun, .includeObject, .propagationPolicy: .text(64)
        case .fieldSelector, .labelSelector: .text(16 << 10)
        case .gracePeriodSeconds: .number(0...Int64(Limits.deletionGraceSeconds))
        case .limit, .tailLines, .timeoutSeconds: .number(0...Int64(Int32.max))
        // Room is left above, for what is added to it.
        case .limitBytes, .offset: .number(0...1 << 60)
        case .resourceVersion: .number(0...1 << 56)
        }
    }

    /// Why a value can't be this parameter's; nil if it can.
    public func problem(_ value: String) -> String? {
        if value.isEmpty { return nil }
        switch form {
        case .flag: return ["true", "1", "false", "0"].contains(value) ? nil : "must be true or false"
        case .text(let most): return value.utf8.count <= most ? nil : "must be no more than \(most) bytes"
        case .number(let range):
            guard Self.number(value).map(range.contains) ?? false else {
                return "must be a whole number of \(range.lowerBound) to \(range.upperBound)"
            }
            return nil
        }
    }

    /// The number that decimal digits are; nil for signs, for other text and for what does not fit.
    public static func number(_ text: String) -> Int64? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int64(text) : nil
    }
}
