/// What is wrong with an answer that is no answer of its route, as one line that is not harmless yet: it may quote what
/// a server sent.
public struct AnswerMismatch: Error, Equatable, Sendable, CustomStringConvertible {
    /// `the answer to an apply: results[2].name: must be a text, found null`.
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
