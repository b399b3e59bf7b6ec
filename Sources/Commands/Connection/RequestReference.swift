import Primitives

/// The id of one write and the revision that its client had seen before the first try.
///
/// A write that is repeated with both takes effect once. Written `ID` or `ID@REVISION`, the id as 32 hexadecimal
/// digits.
public struct RequestReference: Hashable, Sendable, CustomStringConvertible {
    /// Sixteen bytes.
    public let id: [UInt8]
    public var baseRevision: UInt64?

    /// - Precondition: The id has sixteen bytes.
    public init(id: [UInt8], baseRevision: UInt64?) {
        precondition(id.count == 16, "a request id of \(id.count) bytes")
        self.id = id
        self.baseRevision = baseRevision
    }

    /// Nil if the text has another form.
    public init?(_ text: String) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let id = Hex.decode(parts[0]), id.count == 16 else { return nil }
        var revision: UInt64?
        if parts.count == 2 {
            guard let number = UInt64(parts[1]) else { return nil }
            revision = number
        }
        self.init(id: id, baseRevision: revision)
    }

    /// 32 lower-case hexadecimal digits.
    public var hex: String { Hex.encode(id) }

    public var description: String { baseRevision.map { "\(hex)@\($0)" } ?? hex }
}
