import Simulation
import Testing

@Suite("The bounds of a check")
struct BudgetTests {
    typealias Operation = ClientOperation<RegisterModel.Input, RegisterModel.Output>

    private func write(_ value: Int, _ call: Int, _ end: Int?) -> Operation {
        Operation(client: call, input: .write(value), output: end.map { _ in .written }, call: call, end: end)
    }

    private func read(_ value: Int?, _ call: Int, _ end: Int) -> Operation {
        Operation(client: call, input: .read, output: .value(value), call: call, end: end)
    }

    /// Ten writes at once, and a read of what nobody wrote: every subset of the writes must be tried.
    private var laborious: [Operation] { (1...10).map { write($0, $0, 100) } + [read(99, 101, 102)] }

    @Test("a history that is too much work for its budget is not decided")
    func undecided() {
        let checker = LinearizabilityChecker(RegisterModel(), budget: CheckBudget(steps: 1000, cacheBytes: 1 << 20))
        guard case .undecided(0) = checker.check(laborious) else {
            Issue.record("\(checker.check(laborious))")
            return
        }
        let patient = LinearizabilityChecker(
            RegisterModel(), budget: CheckBudget(steps: 100_000, cacheBytes: 1 << 20))
        #expect(patient.check(laborious).failure?.misfit.call == 101)
    }

    @Test("the memory of a check saves steps, and its bound costs only steps")
    func memory() {
        let forgetful = LinearizabilityChecker(
            RegisterModel(), budget: CheckBudget(steps: 100_000, cacheBytes: 0))
        guard case .undecided = forgetful.check(laborious) else {
            Issue.record("ten factorial orders in 100,000 steps")
            return
        }
        // A little memory: 10 operations in any order, of which one fits.
        let little = LinearizabilityChecker(
            RegisterModel(), budget: CheckBudget(steps: 100_000, cacheBytes: 4096))
        #expect(little.check((1...10).map { write($0, $0, 100) } + [read(7, 101, 102)]).isLinearizable)
    }

    @Test("a violation is found beside a partition that would take forever")
    func turns() throws {
        typealias Operation = ClientOperation<KeyValueModel.Input, KeyValueModel.Output>
        func change(_ key: String, _ text: String, _ call: Int, _ end: Int) -> Operation {
            Operation(
                client: call, input: KeyValueModel.Input(key: key, verb: .append(text)), output: .done, call: call,
                end: end)
        }
        func get(_ key: String, _ value: String, _ call: Int) -> Operation {
            Operation(
                client: call, input: KeyValueModel.Input(key: key, verb: .get), output: .value(value), call: call,
                end: call + 1)
        }
        // Sixteen appends at once have more results than there are steps.
        var operations = (0..<16).map { change("a", "\($0) ", $0, 100) } + [get("a", "nothing", 101)]
        let checker = LinearizabilityChecker(
            KeyValueModel(), budget: CheckBudget(steps: 40_000, cacheBytes: 1 << 20))
        guard case .undecided("a") = checker.check(operations) else {
            Issue.record("decided")
            return
        }
        operations += [change("b", "x", 0, 1), get("b", "", 2)]
        #expect(try #require(checker.check(operations).failure).partition == "b")
    }

    @Test("a long history is checked in a number of steps that grows with its length")
    func long() {
        // Each write overlaps the next, and each is read beside the one after it.
        var operations: [Operation] = []
        for number in 0..<4000 {
            operations.append(write(number, 10 * number, 10 * number + 12))
            operations.append(read(number, 10 * number + 3, 10 * number + 9))
        }
        let checker = LinearizabilityChecker(
            RegisterModel(), budget: CheckBudget(steps: 40_000, cacheBytes: 1 << 26))
        #expect(checker.check(operations).isLinearizable)
        operations[7001].output = .value(0)
        #expect(checker.check(operations).failure?.prefix.count ?? 0 > 6990)
    }
}
