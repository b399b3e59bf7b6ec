import JSONText
import Manifest

/// An error as Kubernetes' clients know it: a `Status` object and its HTTP code.
struct APIStatus: Error, Equatable {
    enum Reason: String {
        case badRequest = "BadRequest"
        case forbidden = "Forbidden"
        case notFound = "NotFound"
        case methodNotAllowed = "MethodNotAllowed"
        case alreadyExists = "AlreadyExists"
        case conflict = "Conflict"
        case expired = "Expired"
        case requestEntityTooLarge = "RequestEntityTooLarge"
        case unsupportedMediaType = "UnsupportedMediaType"
        case invalid = "Invalid"
        case tooManyRequests = "TooManyRequests"
        case internalError = "InternalError"
        case serviceUnavailable = "ServiceUnavailable"
        case timeout = "Timeout"

        var code: Int {
            switch self {
            case .badRequest: 400
            case .forbidden: 403
            case .notFound: 404
            case .methodNotAllowed: 405
            case .alreadyExists, .conflict: 409
            case .expired: 410
            case .requestEntityTooLarge: 413
            case .unsupportedMediaType: 415
            case .invalid: 422
            case .tooManyRequests: 429
            case .internalError: 500
            case .serviceUnavailable: 503
            case .timeout: 504
            }
        }
    }

    /// One of several things that are wrong.
    struct Cause: Equatable {
        var reason: String
        var message: String
        var field: String?
    }

    var reason: Reason
    /// Shown to people as it is.
    var message: String
    /// The object concerned, if there is one.
    var key: ObjectKey?
    var causes: [Cause] = []
    /// When trying again may help.
    var retryAfterSeconds: Int?

    init(
        _ reason: Reason, _ message: String, key: ObjectKey? = nil, causes: [Cause] = [],
        retryAfterSeconds: Int? = nil
    ) {
        self.reason = reason
        self.message = message
        self.key = key
        self.causes = causes
        self.retryAfterSeconds = retryAfterSeconds
    }

    var json: JSON {
        var details: JSON = [:]
        if let key {
            details["name"] = .string(key.name)
            details["group"] = .string(KindInfo.group)
            // Kubernetes puts the resource's plural here, but for invalid objects their kind.
            details["kind"] = .string(reason == .invalid ? key.kind : KindInfo.named(key.kind)?.plural ?? key.kind)
        }
        if !causes.isEmpty {
            details["causes"] = .array(
                causes.map { cause in
                    var json: JSON = ["reason": .string(cause.reason), "message": .string(cause.message)]
                    json["field"] = cause.field.map { .string($0) }
                    return json
                })
        }
        details["retryAfterSeconds"] = retryAfterSeconds.map { .integer(Int64($0)) }
        return [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(message),
            "reason": .string(reason.rawValue), "details": details, "code": .integer(Int64(reason.code)),
        ]
    }

    static func notFound(_ key: ObjectKey) -> APIStatus {
        APIStatus(.notFound, "\(key.qualifiedName) not found", key: key)
    }
}

extension ObjectKey {
    /// `virtualmachines.blixard.dev "web"`, as kubectl's messages name an object.
    var qualifiedName: String { "\(KindInfo.named(kind)?.qualifiedPlural ?? kind) \"\(name)\"" }
}
