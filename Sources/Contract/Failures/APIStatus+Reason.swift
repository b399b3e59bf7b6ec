extension APIStatus {
    /// The kind of an error: Kubernetes' word for it, and the HTTP code that goes with it.
    ///
    /// The reasons below are those that blixard answers with. A client may meet others, such as a proxy's.
    public struct Reason: Hashable, Sendable {
        /// `NotFound`.
        public let word: String
        /// The HTTP code, such as 404.
        public let code: Int

        public init(word: String, code: Int) {
            self.word = word
            self.code = code
        }

        public static let badRequest = Reason(word: "BadRequest", code: 400)
        public static let forbidden = Reason(word: "Forbidden", code: 403)
        public static let notFound = Reason(word: "NotFound", code: 404)
        public static let methodNotAllowed = Reason(word: "MethodNotAllowed", code: 405)
        public static let alreadyExists = Reason(word: "AlreadyExists", code: 409)
        public static let conflict = Reason(word: "Conflict", code: 409)
        public static let expired = Reason(word: "Expired", code: 410)
        public static let requestEntityTooLarge = Reason(word: "RequestEntityTooLarge", code: 413)
        public static let unsupportedMediaType = Reason(word: "UnsupportedMediaType", code: 415)
        public static let invalid = Reason(word: "Invalid", code: 422)
        public static let tooManyRequests = Reason(word: "TooManyRequests", code: 429)
        public static let internalError = Reason(word: "InternalError", code: 500)
        public static let serviceUnavailable = Reason(word: "ServiceUnavailable", code: 503)
        public static let timeout = Reason(word: "Timeout", code: 504)

        /// The reasons that blixard answers with, by code.
        public static let all: [Reason] = [
            .badRequest, .forbidden, .notFound, .methodNotAllowed, .alreadyExists, .conflict, .expired,
            .requestEntityTooLarge, .unsupportedMediaType, .invalid, .tooManyRequests, .internalError,
            .serviceUnavailable, .timeout,
        ]
    }
}
