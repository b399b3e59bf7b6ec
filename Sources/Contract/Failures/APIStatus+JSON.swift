public import JSONText
import Manifest

extension APIStatus {
    /// The `Status` object, as Kubernetes lays it out.
    public var json: JSON {
        var details: JSON = [:]
        if let key {
            details["name"] = .string(key.name)
            details["group"] = .string(KindInfo.group)
            // Kubernetes puts the resource's plural here, but for invalid objects their kind.
            details["kind"] = .string(reason == .invalid ? key.kind : KindInfo.named(key.kind)?.plural ?? key.kind)
        }
        if !causes.isEmpty { details["causes"] = .array(causes.map(\.json)) }
        details["retryAfterSeconds"] = retryAfterSeconds.map { .integer(Int64($0)) }
        return [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(message),
            "reason": .string(reason.word), "details": details, "code": .integer(Int64(reason.code)),
        ]
    }

    /// What a server answered with an HTTP code that is no success.
    ///
    /// Takes every value, also one that is no `Status`: what is missing or has another type gets a text saying so, and
    /// members that are not known here are passed over. The HTTP code counts, not the one in the body. It holds no more
    /// than the value does.
    public init(json: JSON, code: Int) {
        let details = json["details"]
        self.init(
            Reason(word: json["reason"]?.string ?? "Unknown", code: code),
            json["message"]?.string ?? "the server answered with the code \(code) and no reason",
            key: Self.key(details),
            causes: (details?["causes"]?.array ?? []).map(Cause.init(json:)),
            retryAfterSeconds: details?["retryAfterSeconds"]?.integer
                .flatMap { Self.patience.contains($0) ? Int(clamping: $0) : nil })
    }

    /// What a server said within an answer that had begun well: in the trailer of a log, or in a line of a watch.
    public init(embedded json: JSON) {
        self.init(json: json, code: Int(clamping: json["code"]?.integer ?? 0))
    }

    /// A wait of more than a day is no advice.
    private static let patience: ClosedRange<Int64> = 0...86_400

    private static func key(_ details: JSON?) -> ObjectKey? {
        guard let kind = details?["kind"]?.string, let name = details?["name"]?.string else { return nil }
        return ObjectKey(kind: KindInfo.named(kind)?.kind ?? kind, namespace: "", name: name)
    }
}

extension APIStatus.Cause {
    fileprivate var json: JSON {
        var json: JSON = ["reason": .string(reason), "message": .string(message)]
        json["field"] = field.map { .string($0) }
        return json
    }

    fileprivate init(json: JSON) {
        self.init(
            reason: json["reason"]?.string ?? "", message: json["message"]?.string ?? "",
            field: json["field"]?.string)
    }
}
