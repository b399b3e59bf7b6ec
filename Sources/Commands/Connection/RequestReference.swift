public import Fleet
import Primitives

/// The id of one write and the revision that its client had seen before the first try.
///
/// A write that is repeated with both takes effect once. Written `ID` or `ID@REVISION`, the id as 32 hexadecimal
/// digits.
public struct RequestReference: Hashable, Sendable, CustomStringConvertible {
    public let id: RequestID
    public var baseRevision: UInt64?

    public init(id: RequestID, baseRevision: UInt64?) {
        self.id = id
        self.baseRevision = baseRevision
    }

    /// A new one.
    ///
    /// - Precondition: There are sixteen random bytes.
    init(random bytes: [UInt8], baseRevision: UInt64?) {
        guard let id = RequestID(bytes) else { preconditionFailure("a request id of \(bytes.count) bytes") }
        self.init(id: id, baseRevision: baseRevision)
    }

    /// Nil if the text has another form.
    public init?(_ text: String) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let id = RequestID(hex: parts[0]) else { return nil }
        var revision: UInt64?
        if parts.count == 2 {
            guard let number = UInt64(parts[1]) else { return nil }
            revision = number
        }
        self.init(id: id, baseRevision: revision)
    }

    /// 32 lower-case hexadecimal digits.
    public var hex: String { id.description }

    public var description: String { baseRevision.map { "\(hex)@\($0)" } ?? hex }
}
