public import Fleet
public import JSONText

/// The answer to a request that a Git repository be fetched now.
public struct ReconcileAnswer: AnswerBody {
    public static let title = "the leader's answer"

    /// What `status.lastHandledRequest` of the repository says once the fetch has ended.
    public var request: RequestID
    /// Whether the fetch begins only when the one that is under way has ended; else it has begun.
    public var waits: Bool

    public init(request: RequestID, waits: Bool) {
        self.request = request
        self.waits = waits
    }

    public init(_ reader: AnswerReader) throws(AnswerMismatch) {
        guard let request = RequestID(hex: try reader.text("request")) else {
            throw reader.mismatch("request", "32 hexadecimal digits")
        }
        self.init(request: request, waits: try reader.flag("waits"))
    }

    public var json: JSON {
        var json = SuccessStatus.envelope
        json["request"] = .string(request.description)
        json["waits"] = .bool(waits)
        return json
    }
}
