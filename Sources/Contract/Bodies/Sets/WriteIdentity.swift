public import Fleet
public import JSONText

/// What makes a repeated write the same one: members that the body of every own request may have.
public struct WriteIdentity: Equatable, Sendable {
    /// The id under which the write is recorded once.
    public var request: RequestID?
    /// The revision that the client had seen before the first try.
    public var baseRevision: UInt64?

    public init(request: RequestID? = nil, baseRevision: UInt64? = nil) {
        self.request = request
        self.baseRevision = baseRevision
    }

    static let members = ["request", "baseRevision"]

    /// The members of a body, which may be `null`.
    ///
    /// - Throws: 400 for an id that is not 32 hexadecimal digits, or a revision that is no whole number.
    public init(body: JSON) throws(APIStatus) {
        var base = body["baseRevision"]?.integer.map(String.init)
        if base == nil { base = try body.text("baseRevision") }
        try self.init(requestText: try body.text("request"), baseRevisionText: base)
    }

    /// What a body, or the headers ``HeaderName/request`` and ``HeaderName/baseRevision``, say in texts.
    ///
    /// - Throws: 400 for an id that is not 32 hexadecimal digits, or a revision that is no whole number.
    public init(requestText: String?, baseRevisionText: String?) throws(APIStatus) {
        if let requestText {
            guard let id = RequestID(hex: requestText) else {
                throw APIStatus(.badRequest, "request \"\(requestText)\" must be 32 hexadecimal digits")
            }
            request = id
        }
        if let baseRevisionText {
            guard let revision = UInt64(baseRevisionText) else {
                throw APIStatus(.badRequest, "base revision \"\(baseRevisionText)\" must be a whole number")
            }
            baseRevision = revision
        }
    }

    /// An object with these members, for a body to add its own to.
    var json: JSON {
        var json: JSON = [:]
        json["request"] = request.map { .string($0.description) }
        json["baseRevision"] = baseRevision.map { .string(String($0)) }
        return json
    }
}
