/// Decides whether a concurrent history is linearizable: whether each operation can be given a moment between its call
/// and its end, so that in the order of these moments the model gives every answer that was given.
///
/// Wing and Gong's search with Lowe's memory of visited configurations ("Testing for linearizability", 2017), each
/// partition by itself, because linearizability is local (Herlihy and Wing, 1990). Iterative; memory is bounded by the
/// budget and the history's size.
package struct LinearizabilityChecker<Model: SequentialModel>: Sendable {
    package typealias Operation = ClientOperation<Model.Input, Model.Output>

    package let model: Model
    package let budget: CheckBudget

    package init(_ model: Model, budget: CheckBudget) {
        self.model = model
        self.budget = budget
    }

    /// - Parameter operations: In any order.
    package func check(_ operations: [Operation]) -> LinearizabilityVerdict<Model> {
        var partitions: [Model.Partition: [Operation]] = [:]
        for operation in operations { partitions[model.partition(of: operation.input), default: []].append(operation) }
        var searches = partitions.keys.sorted().map { partition in
            PartitionSearch(partition: partition, search: LinearizationSearch(model, partitions[partition] ?? []))
        }
        var turn = CheckTurn(stepsLeft: budget.steps, cacheBytesLeft: budget.cacheBytes)
        while let first = searches.first {
            guard turn.stepsLeft > 0 else { return .undecided(first.partition) }
            for position in searches.indices {
                turn.run(&searches[position].search)
                if searches[position].search.outcome == .refuted {
                    return .violated(searches[position].search.failure(in: searches[position].partition))
                }
            }
            searches.removeAll { $0.search.outcome == .found }
            turn.steps *= 2
        }
        return .linearizable
    }

    private struct PartitionSearch {
        let partition: Model.Partition
        var search: LinearizationSearch<Model>
    }
}

/// Partitions are searched in turns that get longer, since one violation is enough, and may be found at once in one
/// partition while another takes very long.
private struct CheckTurn {
    var steps = 10_000
    var stepsLeft: Int
    var cacheBytesLeft: Int

    init(stepsLeft: Int, cacheBytesLeft: Int) {
        self.stepsLeft = stepsLeft
        self.cacheBytesLeft = cacheBytesLeft
    }

    mutating func run<Model>(_ search: inout LinearizationSearch<Model>) {
        let limit = min(steps, stepsLeft)
        let (stepsBefore, bytesBefore) = (search.steps, search.cacheBytes)
        search.run(steps: limit, cacheBytes: bytesBefore + cacheBytesLeft)
        stepsLeft -= search.steps - stepsBefore
        cacheBytesLeft -= search.cacheBytes - bytesBefore
    }
}
