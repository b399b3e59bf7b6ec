import JSONText

/// How far an object has come on the way to what a command waits for.
enum ObjectProgress: Equatable {
    case reached(String)
    /// The explanation is whole; `why` is what its conditions say for people, empty if nothing.
    case pending(phase: String, explanation: String, why: String = "")
    /// It never will.
    case gone(String)

    var phase: String {
        switch self {
        case .pending(let phase, _, _): phase
        case .reached(let how): how
        case .gone: "gone"
        }
    }

    var explanation: String {
        switch self {
        case .pending(_, let explanation, _): explanation
        case .reached(let how), .gone(let how): how
        }
    }

    /// What keeps it, as far as that was said; nil if nothing was.
    var why: String? {
        guard case .pending(_, _, let why) = self, !why.isEmpty else { return nil }
        return why
    }

    /// Why the object that is meant can't come any further; nil while it can.
    ///
    /// - Parameters:
    ///   - object: As read now; nil if it is not there.
    ///   - uid: Of the object that is meant; nil if that is not known.
    static func loss(of object: JSON?, uid: String?) -> ObjectProgress? {
        guard let object else { return .gone("it was deleted meanwhile") }
        if let uid, let found = object.uidText, uid != found {
            return .gone("it was deleted and created anew meanwhile")
        }
        return object["metadata"]?["deletionTimestamp"]?.string == nil ? nil : .gone("it is being deleted")
    }

    /// Not there yet, with what the object's conditions say behind the text.
    static func pending(_ object: JSON, phase: String, _ text: String) -> ObjectProgress {
        let bad = (object["status"]?["conditions"]?.array ?? []).filter { !KnownCondition.isGood($0) }
        let reasons = bad.compactMap { condition in
            condition["type"]?.string.map { type in
                "\(type) is \(condition["status"]?.string ?? "Unknown"): \(Self.reason(of: condition))"
            }
        }
        let telling = bad.first { !($0["message"]?.string ?? "").isEmpty }
        return .pending(
            phase: phase, explanation: ([text] + reasons).joined(separator: "; "),
            why: telling.map(Self.reason(of:)) ?? "")
    }

    /// Why a condition is as it is: its reason, and its message if it has one.
    static func reason(of condition: JSON) -> String {
        let reason = condition["reason"]?.string ?? "Unknown"
        let message = condition["message"]?.string ?? ""
        return message.isEmpty ? reason : "\(reason): \(message)"
    }
}
