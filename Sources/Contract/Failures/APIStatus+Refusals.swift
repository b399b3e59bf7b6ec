public import Fleet
import Manifest

extension APIStatus {
    /// Why the fleet changed nothing: one refusal in kubectl's words, several as one answer with a cause for each.
    ///
    /// - Precondition: There is at least one.
    public init(_ refusals: [Refusal]) {
        precondition(!refusals.isEmpty, "a refused write has a reason")
        if refusals.count == 1 {
            self.init(refusals[0])
            return
        }
        let each = refusals.map { APIStatus($0) }
        let isUniform = each.allSatisfy { $0.reason == each[0].reason }
        let lines = refusals.map { refusal in "* " + (refusal.key.map { "\($0): " } ?? "") + refusal.message }
        self.init(
            isUniform ? each[0].reason : .conflict,
            "\(refusals.count) objects were refused, so nothing was changed:\n" + lines.joined(separator: "\n"),
            causes: refusals.map { refusal in
                Cause(
                    reason: refusal.causeReason, message: refusal.message,
                    field: refusal.key.map { key in "\(key)" + (refusal.field.map { " \($0)" } ?? "") } ?? refusal.field
                )
            })
    }

    /// Why the fleet changed nothing, in kubectl's words.
    public init(_ refusal: Refusal) {
        let reason = Self.reason(of: refusal)
        let cause = Cause(reason: refusal.causeReason, message: refusal.message, field: refusal.field)
        guard let key = refusal.key else {
            self.init(reason, refusal.message, causes: [cause])
            return
        }
        let message =
            switch refusal.reason {
            case .alreadyExists: "\(key.qualifiedName) already exists"
            case .notFound: "\(key.qualifiedName) not found"
            case .conflict: "Operation cannot be fulfilled on \(key.qualifiedName): \(refusal.message)"
            case .invalid:
                "\(key.kind) \"\(key.name)\" is invalid: " + (refusal.field.map { "\($0): " } ?? "") + refusal.message
            default: refusal.message
            }
        self.init(reason, message, key: key, causes: [cause])
    }

    private static func reason(of refusal: Refusal) -> Reason {
        switch refusal.reason {
        case .conflict, .terminating, .stale, .requestTooOld: .conflict
        case .alreadyExists, .nameTaken, .keyTaken: .alreadyExists
        case .notFound, .unknownMember: .notFound
        case .invalid: .invalid
        case .ticketUnknown, .ticketExpired, .ticketUsed, .forbidden, .guarded, .protected: .forbidden
        case .levelUnknown, .bootstrap: .badRequest
        case .limit: .tooManyRequests
        }
    }
}

extension APIStatus {
    /// Why a write has no outcome, with its code and with the request that an unknown one can be asked about.
    public init(_ failure: WriteFailure) {
        switch failure {
        case .notLeader, .noQuorum, .unavailable: self = .unavailable(failure.description)
        case .forbidden: self.init(.forbidden, failure.description)
        case .refused(let refusals): self.init(refusals)
        case .tooLarge: self.init(.requestEntityTooLarge, failure.description)
        case .outcomeUnknown(let request):
            self.init(
                .timeout, failure.description,
                causes: [Cause(reason: "OutcomeUnknown", message: request.description, field: "request")])
        }
    }

    /// Something is out of order for now; another try in a second may help.
    public static func unavailable(_ message: String) -> APIStatus {
        APIStatus(.serviceUnavailable, message, retryAfterSeconds: 1)
    }
}

extension Refusal {
    /// The cause of a write whose precondition did not hold.
    public static let conflictWord = "Conflict"

    /// A word for programs; finer than the reason of the status.
    public var causeReason: String {
        switch reason {
        case .conflict: Self.conflictWord
        case .alreadyExists: "AlreadyExists"
        case .notFound: "NotFound"
        case .invalid: "FieldValueInvalid"
        case .terminating: "Terminating"
        case .requestTooOld: "RequestTooOld"
        case .ticketUnknown: "TicketUnknown"
        case .ticketExpired: "TicketExpired"
        case .ticketUsed: "TicketUsed"
        case .nameTaken: "NameTaken"
        case .keyTaken: "KeyTaken"
        case .unknownMember: "UnknownMember"
        case .stale: "Stale"
        case .levelUnknown: "LevelUnknown"
        case .forbidden: "Forbidden"
        case .bootstrap: "Bootstrap"
        case .limit: "Limit"
        case .guarded: "Guarded"
        case .protected: "Protected"
        }
    }
}
