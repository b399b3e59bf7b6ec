public import JSONText

/// The answer to a request that starts or restarts a machine: what its node does.
public struct MachineVerbAnswer: AnswerBody {
    public static let title = "the answer of the machine's node"

    public var outcome: MachineVerbOutcome

    public init(outcome: MachineVerbOutcome) {
        self.outcome = outcome
    }

    public init(_ reader: AnswerReader) throws(AnswerMismatch) {
        guard let outcome = MachineVerbOutcome(rawValue: try reader.text("outcome")) else {
            throw reader.mismatch(
                "outcome", "one of " + MachineVerbOutcome.allCases.map(\.rawValue).joined(separator: ", "))
        }
        self.outcome = outcome
    }

    public var json: JSON {
        var json = SuccessStatus.envelope
        json["outcome"] = .string(outcome.rawValue)
        return json
    }
}
