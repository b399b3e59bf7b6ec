public import Fleet
public import JSONText
import Manifest
import Primitives

/// A `Status` object, as Kubernetes' clients know it, of a request that succeeded and has no object to show.
public struct SuccessStatus: AnswerBody {
    public static let title = "the answer"

    /// A sentence for people; nil where there is nothing to add.
    public var message: String?

    public init(message: String?) {
        self.message = message
    }

    public init(_ reader: AnswerReader) throws(AnswerMismatch) {
        guard reader.value("status") == "Success" else { throw reader.mismatch("status", "\"Success\"") }
        message = try reader.optionalText("message")
    }

    public var json: JSON {
        var json = Self.envelope
        json["message"] = message.map { .string($0) }
        return json
    }

    /// What each of them begins with.
    static let envelope: JSON = ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success"]

    /// The answer to a write that left no object to show, such as a deletion, as Kubernetes lays it out.
    public static func json(of result: MutationResult) -> JSON {
        var json = envelope
        json["details"] = [
            "name": .string(result.key.name), "group": .string(KindInfo.group),
            "kind": .string(KindInfo.named(result.key.kind)?.plural ?? result.key.kind),
            "uid": .string(result.uid?.description ?? ""),
        ]
        return json
    }
}
