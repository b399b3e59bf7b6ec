public import JSONText

/// The body of an answer of one of our own routes, with both codecs.
///
/// Reading an answer passes over members that are not known here, so that a newer server may add some. A member that is
/// known must be there and have its type. Numbers are taken within their bounds and never converted with a trap.
public protocol AnswerBody: Equatable, Sendable {
    /// What errors call the answer: `the answer to an apply`.
    static var title: String { get }

    /// What a server sends.
    var json: JSON { get }

    /// Reads what a client got.
    ///
    /// - Throws: With the first member that is missing or is not of its form.
    init(_ reader: AnswerReader) throws(AnswerMismatch)
}

extension AnswerBody {
    /// Reads what a server sent, for a caller that has it at hand.
    ///
    /// - Throws: With the answer's title and the first member that is missing or is not of its form.
    public init(json: JSON) throws(AnswerMismatch) {
        try self.init(AnswerReader(json, at: Self.title + ": "))
    }

    /// Reads what a client got for its request.
    ///
    /// - Throws: ``ClientFailure/protocolViolation(_:)`` with the first member that is missing or is not of its form.
    public init(answer json: JSON) throws(ClientFailure) {
        do throws(AnswerMismatch) {
            try self.init(json: json)
        } catch {
            throw .protocolViolation(error.description)
        }
    }
}
