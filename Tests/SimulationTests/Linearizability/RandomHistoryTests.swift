import Primitives
import Simulation
import Testing

@Suite("Random histories")
struct RandomHistoryTests {
    typealias RegisterOperation = ClientOperation<RegisterModel.Input, RegisterModel.Output>
    typealias ObjectOperation = ClientOperation<ObjectModel.Input, ObjectModel.Output>

    /// A register that does what it is told. Every write has a value of its own.
    private func registerHistory(_ seed: UInt64, operations: Int = 120) -> [RegisterOperation] {
        var clients = RandomClients<RegisterModel.Input, RegisterModel.Output>(
            count: 2 + Int(seed % 5), generator: SeededGenerator(seed: seed))
        var value: Int?
        var written = 0
        return clients.run(operations: operations, lossPerMille: Int(seed % 3) * 15) { generator in
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5: return .read
            case 5..<8:
                written += 1
                return .write(written)
            default:
                written += 1
                return .compareAndSet(from: max(0, written - Int.random(in: 1...4, using: &generator)), to: written)
            }
        } apply: { input in
            switch input {
            case .read: return .value(value)
            case .write(let new):
                value = new
                return .written
            case .compareAndSet(let expected, let new):
                guard value == expected else { return .compared(isSet: false) }
                value = new
                return .compared(isSet: true)
            }
        }
    }

    private func verdict(_ operations: [RegisterOperation]) -> LinearizabilityVerdict<RegisterModel> {
        LinearizabilityChecker(RegisterModel(), budget: .usual).check(operations)
    }

    @Test("what a register really did is linearizable", arguments: 0..<30 as Range<UInt64>)
    func register(seed: UInt64) {
        let verdict = verdict(registerHistory(seed))
        #expect(verdict.isLinearizable, "\(String(describing: verdict.failure))")
    }

    @Test("a read of a value that was never written is not linearizable", arguments: 0..<30 as Range<UInt64>)
    func neverWritten(seed: UInt64) throws {
        var operations = registerHistory(seed)
        let reads = operations.indices.filter { operations[$0].input == .read && operations[$0].end != nil }
        var generator = SeededGenerator(seed: seed)
        let read = try #require(reads.randomElement(using: &generator))
        operations[read].output = .value(-1)
        let failure = try #require(verdict(operations).failure)
        // Nothing that precedes the bad read can be at fault.
        #expect(failure.misfit.end ?? 0 >= operations[read].call)
    }

    @Test("a read of a value that has surely been overwritten is not linearizable", arguments: 0..<30 as Range<UInt64>)
    func stale(seed: UInt64) throws {
        var operations = registerHistory(seed)
        var generator = SeededGenerator(seed: seed)
        let writes = operations.filter { if case .write = $0.input { $0.end != nil } else { false } }
        let old = try #require(writes.first)
        let new = try #require(writes.first { $0.call > old.end ?? 0 })
        let reads = operations.indices.filter {
            operations[$0].input == .read && operations[$0].end != nil && operations[$0].call > new.end ?? 0
        }
        let read = try #require(reads.randomElement(using: &generator))
        guard case .write(let value) = old.input else { return }
        operations[read].output = .value(value)
        #expect(verdict(operations).failure != nil)
    }

    private func objectHistory(_ seed: UInt64, hasControllers: Bool) -> [ObjectOperation] {
        var clients = RandomClients<ObjectModel.Input, ObjectModel.Output>(
            count: 2 + Int(seed % 6), generator: SeededGenerator(seed: seed))
        var store = ObjectStore(hasControllers: hasControllers, generator: SeededGenerator(seed: seed + 1000))
        var newest: UInt64 = 0
        var written = 0
        return clients.run(operations: 300, lossPerMille: Int(seed % 3) * 15) { generator in
            let key = ["a", "b", "c"][Int.random(in: 0..<3, using: &generator)]
            let verb: ObjectModel.Verb
            written += 1
            switch Int.random(in: 0..<12, using: &generator) {
            case 0..<4: verb = .read
            case 4..<6: verb = .put("value-\(written)", .none)
            case 6: verb = .put("same", .none)
            case 7: verb = .put("value-\(written)", .absent)
            case 8..<10: verb = .put("value-\(written)", .version(newest))
            case 10: verb = .delete(version: nil)
            default: verb = .delete(version: newest)
            }
            return ObjectModel.Input(key: key, verb: verb)
        } apply: { input in
            let output = store.apply(input)
            if Int(written) % 2 == 0, let object = store.objects[input.key] { newest = object.version }
            return output
        }
    }

    @Test("what objects really did is linearizable", arguments: 0..<30 as Range<UInt64>, [false, true])
    func objects(seed: UInt64, hasControllers: Bool) {
        let verdict = LinearizabilityChecker(ObjectModel(hasControllers: hasControllers), budget: .usual)
            .check(objectHistory(seed, hasControllers: hasControllers))
        #expect(verdict.isLinearizable, "\(verdict)")
    }

    @Test(
        "a read of an object that goes back in time is not linearizable", arguments: 0..<30 as Range<UInt64>,
        [false, true])
    func objectReadBack(seed: UInt64, hasControllers: Bool) throws {
        var operations = objectHistory(seed, hasControllers: hasControllers)
        var wasChanged = false
        // The last read that found a version above one that had been found before it began.
        for later in operations.indices.reversed() {
            guard let end = operations[later].end, end > 0, let version = operations[later].output?.foundVersion,
                let earlier = operations.first(where: { earlier in
                    earlier.input.key == operations[later].input.key
                        && (earlier.end ?? .max) < operations[later].call
                        && (earlier.output?.foundVersion ?? .max) < version
                }),
                operations.contains(where: { between in
                    between.input.key == operations[later].input.key && between.call > earlier.end ?? 0
                        && (between.end ?? .max) < operations[later].call
                        && (between.output?.foundVersion ?? 0) > earlier.output?.foundVersion ?? .max
                })
            else { continue }
            operations[later].output = earlier.output
            wasChanged = true
            break
        }
        try #require(wasChanged)
        let verdict = LinearizabilityChecker(ObjectModel(hasControllers: hasControllers), budget: .usual)
            .check(operations)
        #expect(verdict.failure != nil, "\(verdict)")
    }
}

extension ObjectModel.Output {
    fileprivate var foundVersion: UInt64? {
        if case .found(_, let version, _) = self { version } else { nil }
    }
}
