import Hypervisor
import JSONText
import Primitives

extension MachineHistory {
    func json(now: Instant) -> JSON {
        var object: JSON = ["failures": .integer(Int64(failures))]
        if let requested { object["requested"] = .string(requested.rawValue) }
        if !filledDisks.isEmpty { object["filledDisks"] = .array(filledDisks.sorted().map(JSON.string)) }
        if let notBefore { object["waitMilliseconds"] = .integer(max(0, notBefore - now)) }
        if let failedGeneration { object["failedGeneration"] = .integer(Int64(clamping: failedGeneration)) }
        if let lastFailure {
            object["lastFailure"] = [
                "reason": .string(lastFailure.reason.rawValue), "message": .string(lastFailure.message),
                "retryable": .bool(lastFailure.isRetryable),
            ]
        }
        return object
    }

    init?(json: JSON, now: Instant) {
        guard let failures = json["failures"]?.integer.flatMap({ Int(exactly: $0) }), failures >= 0 else {
            return nil
        }
        var requested: Requested?
        if let told = json["requested"] {
            guard let known = told.string.flatMap(Requested.init) else { return nil }
            requested = known
        }
        var failure: MachineFailure?
        if let told = json["lastFailure"] {
            guard let reason = told["reason"]?.string.flatMap({ MachineFailure.Reason(rawValue: $0) }) else {
                return nil
            }
            let message = told["message"]?.string ?? ""
            failure =
                told["retryable"]?.bool == false
                ? .permanent(reason, message: message) : .retryable(reason, message: message)
        }
        self.init(
            failures: failures, notBefore: json["waitMilliseconds"]?.integer.map { now + $0 }, lastFailure: failure,
            failedGeneration: json["failedGeneration"]?.integer.flatMap { UInt64(exactly: $0) },
            requested: requested,
            filledDisks: Set(json["filledDisks"]?.array?.compactMap(\.string) ?? []))
    }
}
