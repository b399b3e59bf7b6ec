import Contract
import Fleet
import JSONText
import Primitives

/// What a DELETE says of itself: in its body, which may be empty, and in its query.
///
/// Every field is applied, or is refused: what was passed over in silence might be what keeps the object.
struct DeleteOptions {
    var graceSeconds: Int?
    var uid: UID?
    var resourceVersion: UInt64?
    /// Whether the body says that nothing shall be recorded.
    private(set) var isDryRun = false
    /// What becomes of the members of a ManifestSet. `Background` is what clients say who were told nothing, and so
    /// says nothing here.
    private(set) var cascade: SetCascade?

    private static let apiVersions = ["v1", "meta.k8s.io/v1", "blixard.dev/v1"]
    /// On an object that is no ManifestSet nothing depends, so there all of these mean the same.
    private static let propagationPolicies = ["Background", "Foreground", "Orphan"]

    init(body: JSON, query: QueryItems) throws(APIStatus) {
        guard body.isNull || body.object != nil else {
            throw APIStatus(.badRequest, "the body must be DeleteOptions, found \(body.typeDescription)")
        }
        graceSeconds = query.number(.gracePeriodSeconds).map { Int($0) }
        try takePropagation(query[.propagationPolicy].map { .string($0) })
        guard !query.isTrue(.ignoreStoreReadErrorWithClusterBreakingPotential) else { throw Self.unsafeReadRefused }
        for member in body.object ?? JSONObject() where !member.value.isNull {
            try take(member.key, member.value)
        }
    }

    private mutating func take(_ field: String, _ value: JSON) throws(APIStatus) {
        switch field {
        case "kind": try Self.check(value, field, supported: ["DeleteOptions"])
        case "apiVersion": try Self.check(value, field, supported: Self.apiVersions)
        case "gracePeriodSeconds": graceSeconds = try DeleteRequest.graceSeconds(value)
        case "propagationPolicy": try takePropagation(value)
        case "orphanDependents": if try Self.bool(value, field) { cascade = .orphan }
        case Self.unsafeRead: if try Self.bool(value, field) { throw Self.unsafeReadRefused }
        case "preconditions": try takePreconditions(value)
        case "dryRun": isDryRun = try Self.dryRun(value)
        default: throw Self.unknown(field)
        }
    }

    private mutating func takePreconditions(_ value: JSON) throws(APIStatus) {
        guard let preconditions = value.object else {
            throw APIStatus(.badRequest, "preconditions must be an object, found \(value.typeDescription)")
        }
        for member in preconditions where !member.value.isNull {
            let field = "preconditions.\(member.key)"
            guard ["uid", "resourceVersion"].contains(member.key) else { throw Self.unknown(field) }
            guard let text = member.value.string else {
                throw APIStatus(.badRequest, "\(field) must be a text, found \(member.value.typeDescription)")
            }
            if member.key == "resourceVersion" {
                resourceVersion = try Self.resourceVersion(text)
            } else {
                guard let uid = UID(text) else { throw APIStatus(.badRequest, "\(field) \"\(text)\" must be a UUID") }
                self.uid = uid
            }
        }
    }

    /// Whether a list of `dryRun` values asks for a dry run.
    static func dryRun(_ value: JSON) throws(APIStatus) -> Bool {
        guard let words = value.array else {
            throw APIStatus(.badRequest, "dryRun must be an array of texts, found \(value.typeDescription)")
        }
        for word in words { try check(word, "dryRun", supported: ["All"]) }
        return !words.isEmpty
    }

    static func resourceVersion(_ text: String) throws(APIStatus) -> UInt64 {
        guard let version = UInt64(text) else {
            throw APIStatus(.badRequest, "resourceVersion \"\(text)\" must be a whole number, as it was read")
        }
        return version
    }

    private static let unsafeRead = QueryParameter.ignoreStoreReadErrorWithClusterBreakingPotential.rawValue

    private static var unsafeReadRefused: APIStatus {
        APIStatus(.badRequest, "\(unsafeRead) is not supported: every object that is stored can be read")
    }

    private static func unknown(_ field: String) -> APIStatus {
        APIStatus(.badRequest, "strict decoding error: unknown field \"\(field)\" of DeleteOptions")
    }

    private mutating func takePropagation(_ value: JSON?) throws(APIStatus) {
        guard let value else { return }
        try Self.check(value, "propagationPolicy", supported: Self.propagationPolicies)
        switch value.string {
        case "Foreground": cascade = .members
        case "Orphan": cascade = .orphan
        default: cascade = nil
        }
    }

    private static func check(_ value: JSON, _ field: String, supported: [String]) throws(APIStatus) {
        if let text = value.string, supported.contains(text) { return }
        let found = String(decoding: value.canonicalBytes.prefix(64), as: UTF8.self)
        let allowed = supported.map { "\"\($0)\"" }.joined(separator: ", ")
        throw APIStatus(.badRequest, "\(field): Unsupported value: \(found): supported values: \(allowed)")
    }

    private static func bool(_ value: JSON, _ field: String) throws(APIStatus) -> Bool {
        guard let bool = value.bool else {
            throw APIStatus(.badRequest, "\(field) must be a boolean, found \(value.typeDescription)")
        }
        return bool
    }
}
