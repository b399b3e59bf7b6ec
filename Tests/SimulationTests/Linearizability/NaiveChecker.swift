import Simulation

/// Tries every order of every choice of operations: slow, and too simple to be wrong.
struct NaiveChecker<Model: SequentialModel> {
    let model: Model
    let operations: [ClientOperation<Model.Input, Model.Output>]

    /// For operations of one partition.
    func isLinearizable() -> Bool {
        canPlace(Array(operations.indices), from: model.initialState)
    }

    private func canPlace(_ left: [Int], from state: Model.State) -> Bool {
        if left.allSatisfy({ operations[$0].end == nil }) { return true }
        for next in left where !left.contains(where: { precedes($0, next) }) {
            var states: [Model.State] = []
            model.step(from: state, operations[next].input, operations[next].output, into: &states)
            let others = left.filter { $0 != next }
            if states.contains(where: { canPlace(others, from: $0) }) { return true }
        }
        return false
    }

    private func precedes(_ first: Int, _ second: Int) -> Bool {
        operations[first].end.map { $0 < operations[second].call } ?? false
    }
}
