import JSONText
import Primitives

/// The body of a DELETE, which may be empty.
struct DeleteOptions {
    var graceSeconds: Int?
    var uid: UID?
    var resourceVersion: UInt64?

    init(body: JSON, query: QueryItems) throws(APIStatus) {
        guard body.isNull || body.object != nil else {
            throw APIStatus(.badRequest, "the body must be DeleteOptions, found \(body.typeDescription)")
        }
        let inQuery = query.number(.gracePeriodSeconds)
        if let grace = try Self.graceSeconds(body["gracePeriodSeconds"]) ?? inQuery.map({ Int(clamping: $0) }) {
            graceSeconds = grace
        }
        let preconditions = body["preconditions"]
        if let text = preconditions?["uid"]?.string {
            guard let uid = UID(text) else {
                throw APIStatus(.badRequest, "preconditions.uid \"\(text)\" must be a UUID")
            }
            self.uid = uid
        }
        if let text = preconditions?["resourceVersion"]?.string {
            resourceVersion = try Self.resourceVersion(text)
        }
    }

    static func graceSeconds(_ value: JSON?) throws(APIStatus) -> Int? {
        guard let value, !value.isNull else { return nil }
        guard let seconds = value.integer, (0...Int64(Limits.deletionGraceSeconds)).contains(seconds) else {
            throw APIStatus(
                .badRequest, "gracePeriodSeconds must be a whole number of 0 to \(Limits.deletionGraceSeconds)")
        }
        return Int(seconds)
    }

    static func resourceVersion(_ text: String) throws(APIStatus) -> UInt64 {
        guard let version = UInt64(text) else {
            throw APIStatus(.badRequest, "resourceVersion \"\(text)\" must be a whole number, as it was read")
        }
        return version
    }
}
