public import JSONText

/// A typed view of a kind's `spec`, with all defaults filled in.
public protocol SpecView: Hashable, Sendable {
    /// The kind whose spec it is.
    static var kind: KindInfo { get }

    /// Reads a stored spec; what is left out gets its default.
    ///
    /// - Throws: With the first field that is not known, is missing, or has a value that is not allowed.
    init(json: JSON) throws(NotUnderstood)

    /// The spec with every default spelled out.
    var json: JSON { get }
}

extension SpecView {
    /// Reads the canonical bytes that the fleet keeps.
    ///
    /// - Throws: For bytes that are no JSON, and as ``init(json:)``.
    public init(canonical bytes: [UInt8]) throws(NotUnderstood) {
        try self.init(json: NotUnderstood.parse(bytes, at: "spec"))
    }
}

/// A typed view of a kind's `status`. Fields that it does not know are passed over: they are for newer readers.
public protocol StatusView: Hashable, Sendable {
    /// Reads a stored status.
    ///
    /// - Throws: With the first field that is missing or has a value that is not allowed.
    init(json: JSON) throws(NotUnderstood)
    var json: JSON { get }
}

extension StatusView {
    /// Reads the canonical bytes that the fleet keeps.
    ///
    /// - Throws: For bytes that are no JSON, and as ``init(json:)``.
    public init(canonical bytes: [UInt8]) throws(NotUnderstood) {
        try self.init(json: NotUnderstood.parse(bytes, at: "status"))
    }
}

extension NotUnderstood {
    fileprivate static func parse(_ bytes: [UInt8], at field: String) throws(NotUnderstood) -> JSON {
        do throws(JSONError) {
            return try JSON(parsing: bytes)
        } catch {
            throw NotUnderstood(
                path: JSONPath(keys: field), problem: .unexpected(found: error.description, allowed: "JSON"))
        }
    }
}
