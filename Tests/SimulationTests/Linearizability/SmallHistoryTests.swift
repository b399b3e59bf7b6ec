import Primitives
import Simulation
import Testing

@Suite("Small histories, against a check of every order")
struct SmallHistoryTests {
    typealias RegisterOperation = ClientOperation<RegisterModel.Input, RegisterModel.Output>
    typealias ObjectOperation = ClientOperation<ObjectModel.Input, ObjectModel.Output>

    /// Every way in which the operations' times can lie to each other, with the calls in order.
    private static func interleavings(of count: Int) -> [[(call: Int, end: Int)]] {
        var found: [[(call: Int, end: Int)]] = []
        func extend(_ times: [(call: Int, end: Int)], _ open: [Int], _ position: Int) {
            if times.count == count, open.isEmpty {
                found.append(times)
                return
            }
            if times.count < count { extend(times + [(position, 0)], open + [times.count], position + 1) }
            for ending in open {
                var ended = times
                ended[ending].end = position
                extend(ended, open.filter { $0 != ending }, position + 1)
            }
        }
        extend([], [], 0)
        return found
    }

    private static let registerKinds: [(RegisterModel.Input, RegisterModel.Output?)] = [
        (.read, .value(nil)), (.read, .value(1)), (.read, .value(2)), (.write(1), .written), (.write(2), .written),
        (.write(1), nil), (.write(2), nil), (.compareAndSet(from: 1, to: 2), .compared(isSet: true)),
        (.compareAndSet(from: 1, to: 2), .compared(isSet: false)), (.compareAndSet(from: 1, to: 2), nil),
    ]

    private static let objectKinds: [(ObjectModel.Verb, ObjectModel.Output?)] = {
        var kinds: [(ObjectModel.Verb, ObjectModel.Output?)] = [
            (.read, .missing), (.put("a", .none), nil), (.put("b", .version(1)), nil), (.delete(version: nil), nil),
            (.delete(version: 2), nil), (.delete(version: nil), .nothingToDelete),
            (.delete(version: 1), .refused(.conflict)), (.delete(version: nil), .refused(.notFound)),
            (.put("a", .absent), .refused(.alreadyExists)), (.put("b", .version(1)), .refused(.conflict)),
            (.put("b", .version(1)), .refused(.notFound)), (.put("b", .none), .refused(.terminating)),
            (.put("b", .none), .refused(.elsewhere)),
        ]
        for version in 1...3 as ClosedRange<UInt64> {
            kinds += [
                (.read, .found("a", version: version, isTerminating: false)),
                (.read, .found("b", version: version, isTerminating: false)),
                (.read, .found("a", version: version, isTerminating: true)),
                (.put("a", .none), .created(version: version)), (.put("b", .absent), .created(version: version)),
                (.put("b", .none), .configured(version: version)), (.put("a", .none), .unchanged(version: version)),
                (.put("b", .version(1)), .configured(version: version)),
                (.delete(version: nil), .deleted(version: version)), (.delete(version: 1), .deleted(version: version)),
                (.delete(version: nil), .terminating(version: version)),
            ]
        }
        return kinds
    }()

    private func register(_ kinds: [Int], _ times: [(call: Int, end: Int)]) -> [RegisterOperation] {
        zip(kinds, times).enumerated().map { client, pair in
            let (input, output) = Self.registerKinds[pair.0]
            return RegisterOperation(
                client: client, input: input, output: output, call: pair.1.call,
                end: output.map { _ in pair.1.end })
        }
    }

    private func agree<Model: SequentialModel>(
        _ model: Model, _ operations: [ClientOperation<Model.Input, Model.Output>], cacheBytes: Int = 1 << 20
    ) -> Bool? {
        let budget = CheckBudget(steps: 100_000, cacheBytes: cacheBytes)
        let verdict = LinearizabilityChecker(model, budget: budget).check(operations)
        let expected = NaiveChecker(model: model, operations: operations).isLinearizable()
        if case .undecided = verdict {
            Issue.record("undecided: \(operations)")
            return nil
        }
        guard verdict.isLinearizable == expected else {
            Issue.record("linearizable should be \(expected): \(operations)")
            return nil
        }
        return expected
    }

    @Test("every register history of three operations has its verdict")
    func threeOperations() {
        let interleavings = Self.interleavings(of: 3)
        #expect(interleavings.count == 15)
        var linearizable = 0
        for times in interleavings {
            for first in Self.registerKinds.indices {
                for second in Self.registerKinds.indices {
                    for third in Self.registerKinds.indices {
                        guard let verdict = agree(RegisterModel(), register([first, second, third], times)) else {
                            return
                        }
                        if verdict { linearizable += 1 }
                    }
                }
            }
        }
        // Neither verdict is a rarity.
        #expect(linearizable > 3000 && linearizable < 12_000)
    }

    @Test("register histories of up to six operations have their verdicts, also without any memory")
    func moreOperations() {
        var generator = SeededGenerator(seed: 4)
        let interleavings = (4...6).map { Self.interleavings(of: $0) }
        for _ in 0..<4_000 {
            guard let times = interleavings.randomElement(using: &generator)?.randomElement(using: &generator) else {
                return
            }
            let kinds = times.map { _ in Int.random(in: Self.registerKinds.indices, using: &generator) }
            let cacheBytes = Bool.random(using: &generator) ? 0 : 1 << 20
            guard agree(RegisterModel(), register(kinds, times), cacheBytes: cacheBytes) != nil else { return }
        }
    }

    @Test("object histories of up to five operations have their verdicts", arguments: [false, true])
    func objects(hasControllers: Bool) {
        var generator = SeededGenerator(seed: hasControllers ? 5 : 6)
        let interleavings = (2...5).map { Self.interleavings(of: $0) }
        let model = ObjectModel(hasControllers: hasControllers)
        var linearizable = 0
        for _ in 0..<10_000 {
            guard let times = interleavings.randomElement(using: &generator)?.randomElement(using: &generator) else {
                return
            }
            let operations = times.enumerated().map { client, time in
                let (verb, output) = Self.objectKinds[Int.random(in: Self.objectKinds.indices, using: &generator)]
                return ObjectOperation(
                    client: client, input: ObjectModel.Input(key: "o", verb: verb), output: output, call: time.call,
                    end: output.map { _ in time.end })
            }
            guard let verdict = agree(model, operations) else { return }
            if verdict { linearizable += 1 }
        }
        #expect(linearizable > 100)
    }
}
