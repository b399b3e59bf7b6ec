extension LinearizationSearch {
    /// Where a path ended.
    struct DeadEnd {
        /// The operations that have their places.
        var order: [Int]
        /// How many ended operations have none.
        var endsLeft: Int
        var state: Model.State
        /// The operation that ended without one.
        var misfit: Int
    }

    /// The longest path of a search that refuted its history; another search is a programmer error.
    func failure(in partition: Model.Partition) -> LinearizabilityFailure<Model> {
        guard let deepest, let end = operations[deepest.misfit].end else {
            preconditionFailure("the search in \(partition) has refuted nothing")
        }
        let placed = Set(deepest.order)
        let concurrent = operations.indices.filter { number in
            number != deepest.misfit && !placed.contains(number) && operations[number].call <= end
        }
        return LinearizabilityFailure(
            partition: partition, operationCount: operations.count, prefix: deepest.order.map { operations[$0] },
            state: deepest.state, misfit: operations[deepest.misfit], concurrent: concurrent.map { operations[$0] })
    }
}
