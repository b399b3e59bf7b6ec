public import Manifest

/// An error as Kubernetes' clients know it: a `Status` object and its HTTP code.
///
/// The server throws it and answers with its `json`. A client reads it back from whatever a server sent, with
/// `init(json:code:)`. Texts are kept as they are: what is shown on a terminal makes them harmless first.
public struct APIStatus: Error, Equatable, Sendable {
    /// One of several things that are wrong.
    public struct Cause: Equatable, Sendable {
        /// A word for programs, finer than the reason of the status: `TicketExpired`.
        public var reason: String
        /// A sentence for people.
        public var message: String
        /// The field concerned, as a path, or the object and its field; nil where there is none.
        public var field: String?

        public init(reason: String, message: String, field: String? = nil) {
            self.reason = reason
            self.message = message
            self.field = field
        }
    }

    public var reason: Reason
    /// A sentence for people; several refusals have one line each.
    public var message: String
    /// The object concerned, if there is one. A `Status` does not carry the namespace, so what a client has read
    /// names none.
    public var key: ObjectKey?
    public var causes: [Cause]
    /// After how many seconds another try may help; nil where it does not.
    public var retryAfterSeconds: Int?

    public init(
        _ reason: Reason, _ message: String, key: ObjectKey? = nil, causes: [Cause] = [],
        retryAfterSeconds: Int? = nil
    ) {
        self.reason = reason
        self.message = message
        self.key = key
        self.causes = causes
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// There is no object of that key.
    public static func notFound(_ key: ObjectKey) -> APIStatus {
        APIStatus(.notFound, "\(key.qualifiedName) not found", key: key)
    }
}

extension ObjectKey {
    /// `virtualmachines.blixard.dev "web"`, as kubectl's messages name an object.
    public var qualifiedName: String { "\(KindInfo.named(kind)?.qualifiedPlural ?? kind) \"\(name)\"" }
}
