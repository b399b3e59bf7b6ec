import Simulation
import TestFiles
import Testing

@Suite("Stored histories", .serialized, .enabled(if: StoredHistories.mayRun, "\(StoredHistories.absence)"))
struct StoredHistoryTests {
    @Test("every stored history has the verdict that another checker gave it")
    func verdicts() throws {
        let items = try #require(StoredHistories.items(), "\(StoredHistories.absence)")
        #expect(!items.isEmpty)
        var wrong = 0
        for item in items {
            let text = try #require(TextFile.read(item.path), "can't read \(item.path)")
            let verdict = try verdict(text, model: item.model)
            guard verdict != item.isLinearizable else { continue }
            wrong += 1
            let word = verdict.map { $0 ? "linearizable" : "violated" } ?? "undecided"
            Issue.record("\(item) is \(word), and should be linearizable: \(item.isLinearizable)")
        }
        print("\(items.count - wrong) passed, \(wrong) failed")
    }

    /// Nil if undecided.
    private func verdict(_ text: String, model: String) throws -> Bool? {
        switch model {
        case "etcd-register-cas":
            return decided(LinearizabilityChecker(RegisterModel(), budget: .usual).check(try parseRegisterLog(text)))
        case "kv":
            return decided(
                LinearizabilityChecker(KeyValueModel(), budget: .usual).check(try parseKeyValueHistory(text)))
        default: throw UnknownLine(number: 1, text: model)
        }
    }

    private func decided<Model>(_ verdict: LinearizabilityVerdict<Model>) -> Bool? {
        switch verdict {
        case .linearizable: true
        case .violated: false
        case .undecided: nil
        }
    }
}
