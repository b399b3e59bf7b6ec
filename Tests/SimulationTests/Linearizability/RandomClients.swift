import Primitives
import Simulation

/// Clients that use one object at the same time, whose operations take effect at some moment between call and end.
struct RandomClients<Input: Sendable, Output: Sendable> {
    private enum Stage {
        case idle
        case called(Int, Input)
        case done(Int, Output)

        var isIdle: Bool { if case .idle = self { true } else { false } }
    }

    private var stages: [Stage]
    private var history = ClientHistory<Input, Output>()
    /// Requests that nobody waits for, and that may yet arrive.
    private var lost: [Input] = []
    private var generator: SeededGenerator

    init(count: Int, generator: SeededGenerator) {
        stages = Array(repeating: .idle, count: count)
        self.generator = generator
    }

    /// - Parameters:
    ///   - lossPerMille: How often the way to the object or the way back loses its message.
    ///   - draw: What a client wants next.
    ///   - apply: What the object does.
    mutating func run(
        operations: Int, lossPerMille: Int, draw: (inout SeededGenerator) -> Input, apply: (Input) -> Output
    ) -> [ClientOperation<Input, Output>] {
        while history.operations.count < operations || !stages.allSatisfy(\.isIdle) {
            if !lost.isEmpty, chance(50) { _ = apply(lost.remove(at: Int.random(in: lost.indices, using: &generator))) }
            let client = Int.random(in: stages.indices, using: &generator)
            switch stages[client] {
            case .idle:
                guard history.operations.count < operations else { continue }
                let input = draw(&generator)
                stages[client] = .called(history.begin(input, by: client), input)
            case .called(let number, let input):
                if chance(lossPerMille) {
                    lost.append(input)
                    stages[client] = .idle
                } else {
                    stages[client] = .done(number, apply(input))
                }
            case .done(let number, let output):
                if !chance(lossPerMille) { history.end(number, output) }
                stages[client] = .idle
            }
        }
        return history.operations
    }

    private mutating func chance(_ perMille: Int) -> Bool { Int.random(in: 0..<1000, using: &generator) < perMille }
}
