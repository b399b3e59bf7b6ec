public import JSONText

/// The body of a request of one of our own routes, with both codecs.
///
/// Reading one is strict: what a client says and the server does not know might be what the client counts on, so a
/// member of another name or type is refused.
public protocol RequestBody: Equatable, Sendable {
    /// What a client sends.
    var json: JSON { get }

    /// Reads what a server got; `null` for a request without a body.
    ///
    /// - Throws: The status that the server answers with.
    init(json: JSON) throws(APIStatus)
}
