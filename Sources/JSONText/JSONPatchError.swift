/// Why a JSON patch is none, or can't be applied, and which of its operations is the first.
public struct JSONPatchError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable {
        /// The document is no patch.
        case malformed
        /// A path leads nowhere, or to no place that can be changed so.
        case notApplicable
        /// A `test` found another value.
        case testFailed
        /// The result would be larger, or nest deeper, than it may.
        case tooLarge
    }

    public let reason: Reason
    /// Counted from 0; nil for what is wrong with the whole.
    public let operation: Int?
    /// What is wrong.
    public let detail: String

    init(_ reason: Reason, operation: Int?, _ detail: String) {
        self.reason = reason
        self.operation = operation
        self.detail = detail
    }

    /// `operation 2: /spec/size: there is no value`.
    public var description: String { operation.map { "operation \($0): \(detail)" } ?? detail }
}
