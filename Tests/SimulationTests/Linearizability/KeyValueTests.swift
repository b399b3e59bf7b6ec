import Simulation
import Testing

@Suite("Histories of a key-value store")
struct KeyValueTests {
    typealias Operation = ClientOperation<KeyValueModel.Input, KeyValueModel.Output>

    private func get(_ key: String, _ value: String, _ call: Int, _ end: Int) -> Operation {
        Operation(
            client: call, input: KeyValueModel.Input(key: key, verb: .get), output: .value(value), call: call, end: end)
    }

    private func change(_ key: String, _ verb: KeyValueModel.Input.Verb, _ call: Int, _ end: Int?) -> Operation {
        Operation(
            client: call, input: KeyValueModel.Input(key: key, verb: verb), output: end.map { _ in .done },
            call: call, end: end)
    }

    private func verdict(_ operations: Operation...) -> LinearizabilityVerdict<KeyValueModel> {
        LinearizabilityChecker(KeyValueModel(), budget: .usual).check(operations)
    }

    @Test("appends come one after the other, in some order")
    func appends() {
        let both = [change("k", .append("x"), 0, 5), change("k", .append("y"), 1, 6)]
        #expect(verdict(both[0], both[1], get("k", "xy", 7, 8)).isLinearizable)
        #expect(verdict(both[0], both[1], get("k", "yx", 7, 8)).isLinearizable)
        #expect(!verdict(both[0], both[1], get("k", "x", 7, 8)).isLinearizable)
        #expect(!verdict(both[0], both[1], get("k", "xyx", 7, 8)).isLinearizable)
    }

    @Test("a put replaces what was appended before")
    func put() {
        let before = change("k", .append("x"), 0, 1)
        #expect(verdict(before, change("k", .put("z"), 2, 3), get("k", "z", 4, 5)).isLinearizable)
        #expect(!verdict(before, change("k", .put("z"), 2, 3), get("k", "xz", 4, 5)).isLinearizable)
        #expect(verdict(before, change("k", .put("z"), 2, nil), get("k", "x", 4, 5)).isLinearizable)
    }

    @Test("keys concern each other in nothing, and the failure names the key")
    func partitions() throws {
        let fine = change("a", .put("1"), 0, 9)
        #expect(verdict(fine, get("b", "", 1, 2)).isLinearizable)
        let failure = try #require(verdict(fine, get("a", "1", 1, 2), get("b", "1", 3, 4)).failure)
        #expect(failure.partition == "b")
        #expect(failure.prefix.isEmpty)
        #expect(failure.misfit.call == 3)
    }
}
