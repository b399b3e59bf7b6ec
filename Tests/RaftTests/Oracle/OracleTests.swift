import Testing

/// Published scenarios: etcd-raft's own, and ones whose outcome that implementation decided.
@Suite("Oracle", .serialized)
struct OracleTests {
    private static let chosen = Files.environment("BLIXARD_RAFT_ORACLE")
    /// Without the published files there is nothing to compare with; in CI that is a failure.
    private static let mayRun = Files.oracle != nil || Files.environment("CI") != nil

    /// Runs every file below a directory and prints what came of it.
    private func run(_ directory: String, _ comparison: Comparison) {
        let paths = Files.scenarios(below: directory)
        #expect(!paths.isEmpty, "no scenarios below \(directory)")
        var failed = 0
        for path in paths {
            let mismatch: Mismatch?
            if let text = Files.read(path) {
                mismatch = Scenario(text).firstMismatch(path, comparison)
            } else {
                mismatch = Mismatch(path: path, line: 0, expected: "a readable file", actual: nil)
            }
            if let mismatch {
                failed += 1
                print("FAILED \(mismatch)")
                Issue.record("\(mismatch)")
            }
        }
        print("\(paths.count - failed) passed, \(failed) failed")
    }

    private func runPublished(_ set: String, _ comparison: Comparison) throws {
        let root = try #require(Files.oracle, "no published scenarios found; set BLIXARD_SHARED")
        print("\(set), \(comparison):")
        run(root + "/" + set, comparison)
    }

    @Test(
        "every scenario below the chosen directory has its outcome",
        .enabled(if: chosen != nil, "BLIXARD_RAFT_ORACLE is not set"))
    func chosenDirectory() {
        guard let chosen = OracleTests.chosen else { return }
        run(chosen, .exact)
    }

    @Test(
        "every published scenario has its outcome",
        .enabled(if: chosen == nil, "BLIXARD_RAFT_ORACLE chooses other files"),
        .enabled(if: mayRun, "no published scenarios found; set BLIXARD_SHARED"),
        arguments: ["etcd", "generated"], [Comparison.protocolOnly, .exact])
    func published(_ set: String, _ comparison: Comparison) throws {
        try runPublished(set, comparison)
    }
}
