import Simulation
import Testing

@Suite("Histories of a register")
struct RegisterTests {
    typealias Operation = ClientOperation<RegisterModel.Input, RegisterModel.Output>

    private func write(_ value: Int, _ call: Int, _ end: Int?) -> Operation {
        Operation(client: call, input: .write(value), output: end.map { _ in .written }, call: call, end: end)
    }

    private func read(_ value: Int?, _ call: Int, _ end: Int?) -> Operation {
        Operation(client: call, input: .read, output: end.map { _ in .value(value) }, call: call, end: end)
    }

    private func compareAndSet(_ from: Int, _ to: Int, _ isSet: Bool, _ call: Int, _ end: Int?) -> Operation {
        Operation(
            client: call, input: .compareAndSet(from: from, to: to),
            output: end.map { _ in .compared(isSet: isSet) }, call: call, end: end)
    }

    private func isLinearizable(_ operations: Operation...) -> Bool { verdict(operations).isLinearizable }

    private func verdict(_ operations: [Operation]) -> LinearizabilityVerdict<RegisterModel> {
        LinearizabilityChecker(RegisterModel(), budget: .usual).check(operations)
    }

    @Test("an empty history is linearizable")
    func empty() {
        #expect(isLinearizable())
        #expect(isLinearizable(read(nil, 0, 1)))
        #expect(!isLinearizable(read(1, 0, 1)))
    }

    @Test("a read after a write finds the written value")
    func readYourWrite() {
        #expect(isLinearizable(write(1, 0, 1), read(1, 2, 3)))
        #expect(!isLinearizable(write(1, 0, 1), read(nil, 2, 3)))
    }

    @Test("a read beside a write finds what was before or after, but not first the one and then the other")
    func concurrentRead() {
        #expect(isLinearizable(write(1, 0, 9), read(nil, 1, 2), read(1, 3, 4)))
        #expect(!isLinearizable(write(1, 0, 9), read(1, 1, 2), read(nil, 3, 4)))
    }

    @Test("an end and a call at the same time are concurrent")
    func touching() {
        #expect(isLinearizable(write(1, 0, 5), read(nil, 5, 6)))
        #expect(!isLinearizable(write(1, 0, 5), read(nil, 6, 7)))
    }

    @Test("a write without an answer takes effect at any later time, or never")
    func openWrite() {
        #expect(isLinearizable(write(1, 0, nil), read(nil, 1, 2), read(1, 3, 4), read(1, 5, 6)))
        #expect(isLinearizable(write(1, 0, nil), read(nil, 1, 2), read(nil, 3, 4)))
        #expect(!isLinearizable(write(1, 0, nil), read(1, 1, 2), read(nil, 3, 4)))
        // Nor does it happen twice, or before its call.
        #expect(!isLinearizable(write(1, 0, nil), read(1, 1, 2), write(2, 3, 4), read(2, 5, 6), read(1, 7, 8)))
        #expect(!isLinearizable(read(1, 0, 1), write(1, 2, nil)))
    }

    @Test("a compare-and-set is one step")
    func compareAndSet() {
        #expect(isLinearizable(write(1, 0, 1), compareAndSet(1, 2, true, 2, 3), read(2, 4, 5)))
        #expect(isLinearizable(write(1, 0, 1), compareAndSet(3, 2, false, 2, 3), read(1, 4, 5)))
        #expect(!isLinearizable(write(1, 0, 1), compareAndSet(3, 2, true, 2, 3)))
        #expect(!isLinearizable(write(1, 0, 1), compareAndSet(1, 2, false, 2, 3)))
        // Only one of two can succeed.
        #expect(!isLinearizable(write(1, 0, 1), compareAndSet(1, 2, true, 2, 9), compareAndSet(1, 3, true, 3, 8)))
        #expect(isLinearizable(write(1, 0, 1), compareAndSet(1, 2, true, 2, 9), compareAndSet(1, 3, false, 3, 8)))
        // One without an answer did something or nothing.
        #expect(isLinearizable(write(1, 0, 1), compareAndSet(1, 2, true, 2, nil), read(1, 3, 4), read(2, 5, 6)))
        #expect(!isLinearizable(write(1, 0, 1), compareAndSet(3, 2, true, 2, nil), read(2, 3, 4)))
    }

    @Test("a violation names the order found, the state, and what has no place")
    func failure() throws {
        let operations = [
            write(1, 0, 1), write(2, 2, 3), write(7, 4, nil), read(1, 5, 6), read(2, 8, 9),
        ]
        let failure = try #require(verdict(operations).failure)
        #expect(failure.prefix.map(\.call) == [0, 2])
        #expect(failure.state == 2)
        #expect(failure.misfit.call == 5)
        #expect(failure.concurrent.map(\.call) == [4])
        #expect(failure.operationCount == 5)
        let lines = failure.description.split(separator: "\n")
        #expect(lines.first == "0: 2 of 5 operations fit into an order; then one has no place.")
        #expect(lines.contains("no place for: client 5 at 5...6: read -> value(Optional(1))"))
        #expect(lines.contains("  beside: client 4 at 4...: write(7) -> unknown"))
    }
}
