public import Fleet
public import JSONText
import Manifest
import Primitives

/// The answer to an apply or a delete: what it did to each object.
public struct WriteReport: AnswerBody {
    public static let title = "the answer to an apply or a delete"

    /// What was recorded, or would be.
    public var answer: WriteAnswer
    /// Whether nothing was recorded.
    public var isDryRun: Bool
    /// The id under which the write was recorded.
    public var request: RequestID

    public init(answer: WriteAnswer, isDryRun: Bool, request: RequestID) {
        self.answer = answer
        self.isDryRun = isDryRun
        self.request = request
    }

    /// One for each object, in the order of the request.
    public var results: [MutationResult] { answer.results }

    public init(_ reader: AnswerReader) throws(AnswerMismatch) {
        answer = WriteAnswer(
            results: try reader.elements("results", MutationResult.init(reader:)),
            revision: try reader.revision("revision"),
            pruned: try reader.elements("pruned", MutationResult.init(reader:)),
            released: try reader.elements("released") { (key) throws(AnswerMismatch) in try key.objectKey() },
            set: try reader.optional("set", SetOutcome.init(reader:)))
        isDryRun = try reader.flag("dryRun")
        guard let request = RequestID(hex: try reader.text("request")) else {
            throw reader.mismatch("request", "32 hexadecimal digits")
        }
        self.request = request
    }

    public var json: JSON {
        [
            "revision": .string(String(answer.revision)),
            "results": .array(results.map(\.json)),
            "pruned": .array(answer.pruned.map(\.json)),
            "released": .array(answer.released.map(\.members)),
            "set": answer.set?.json ?? .null,
            "dryRun": .bool(isDryRun),
            "request": .string(request.description),
        ]
    }
}

extension SetOutcome {
    init(reader: AnswerReader) throws(AnswerMismatch) {
        self.init(
            name: try reader.text("name"), revision: try reader.counter("revision"), isNew: try reader.flag("isNew"))
    }

    var json: JSON {
        [
            "name": .string(name), "revision": .integer(Int64(clamping: revision)), "isNew": .bool(isNew),
        ]
    }
}

extension MutationResult {
    fileprivate init(reader: AnswerReader) throws(AnswerMismatch) {
        let word = try reader.text("operation")
        guard let operation = Operation.allCases.first(where: { $0.word == word }) else {
            throw reader.mismatch("operation", "one of " + Operation.allCases.map(\.word).joined(separator: ", "))
        }
        let uid = try reader.optionalText("uid").map { (text) throws(AnswerMismatch) -> UID in
            guard let uid = UID(text) else { throw reader.mismatch("uid", "a UUID or null") }
            return uid
        }
        self.init(
            key: try reader.objectKey(), operation: operation, uid: uid,
            resourceVersion: try reader.revision("resourceVersion"),
            generation: try reader.counter("generation"))
    }

    fileprivate var json: JSON {
        var json = key.members
        json["operation"] = .string(operation.word)
        json["uid"] = uid.map { .string($0.description) } ?? .null
        json["resourceVersion"] = .string(String(resourceVersion))
        json["generation"] = .integer(Int64(clamping: generation))
        return json
    }
}
