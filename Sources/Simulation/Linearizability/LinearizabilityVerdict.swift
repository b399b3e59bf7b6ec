/// Whether a history is one that a single object could have shown.
package enum LinearizabilityVerdict<Model: SequentialModel>: Sendable {
    case linearizable
    case violated(LinearizabilityFailure<Model>)
    /// The budget was used up while this partition was searched.
    case undecided(Model.Partition)

    package var isLinearizable: Bool {
        if case .linearizable = self { true } else { false }
    }

    package var failure: LinearizabilityFailure<Model>? {
        if case .violated(let failure) = self { failure } else { nil }
    }
}

/// Why no order of a partition's operations explains what their users were told.
///
/// Its description is for people: the end of the order, the state after it, and what does not fit.
package struct LinearizabilityFailure<Model: SequentialModel>: Sendable {
    package typealias Operation = ClientOperation<Model.Input, Model.Output>

    package var partition: Model.Partition
    /// How many operations the partition has.
    package var operationCount: Int
    /// The sequence found that explains the most answers, in the order in which its operations took effect.
    package var prefix: [Operation]
    /// The state after ``prefix``.
    package var state: Model.State
    /// The first operation that ended without a place after ``prefix``: what its user was told fits neither this state
    /// nor any that operations under way at the time could have led to.
    package var misfit: Operation
    /// The operations that were under way beside ``misfit`` when it ended, and are not in ``prefix``.
    package var concurrent: [Operation]
}

extension LinearizabilityFailure: CustomStringConvertible {
    /// The last part of the prefix: what lies further back rarely explains a failure.
    private static var shownOperations: Int { 12 }

    package var description: String {
        var lines = [
            "\(partition): \(prefix.count) of \(operationCount) operations fit into an order; then one has no place."
        ]
        let shown = prefix.suffix(Self.shownOperations)
        if shown.count < prefix.count { lines.append("  (\(prefix.count - shown.count) earlier operations)") }
        lines += shown.map { "  \($0)" }
        lines.append("  state: \(state)")
        lines.append("no place for: \(misfit)")
        lines += concurrent.map { "  beside: \($0)" }
        return lines.joined(separator: "\n")
    }
}
