import Glibc
import TestFiles
import Testing

/// Published scenarios: etcd-raft's own, and ones whose outcome that implementation decided.
@Suite("Oracle", .serialized)
struct OracleTests {
    private static let chosen = SharedData.environment("BLIXARD_RAFT_ORACLE").flatMap { $0.isEmpty ? nil : $0 }
    /// Without the published files there is nothing to compare with; in CI that is a failure.
    private static let mayRun = oracle != nil || SharedData.isRequired
    private static let oracle = SharedData.directory("raft-oracle")

    /// Every scenario below a directory, ascending by path; or the one file that the path names.
    private static func scenarios(below path: String) -> [String] {
        TextFile.isFile(path) ? [path] : TextFile.paths(below: path, ending: ".txt")
    }

    /// What came of one file: nil if it has its outcome.
    static func mismatch(_ path: String, _ comparison: Comparison) -> String? {
        guard let text = TextFile.read(path) else { return "\(path): can't be read" }
        return Scenario(text).firstMismatch(path, comparison)?.description
    }

    private func report(_ path: String, _ mismatch: String) {
        print("FAILED \(mismatch)")
        Issue.record("\(mismatch)")
    }

    @Test(
        "every published scenario has its outcome",
        .enabled(if: chosen == nil, "BLIXARD_RAFT_ORACLE chooses other files"),
        .enabled(if: mayRun, "no published scenarios found; set BLIXARD_SHARED"),
        arguments: ["etcd", "generated"], [Comparison.protocolOnly, .exact])
    func published(_ set: String, _ comparison: Comparison) throws {
        let root = try #require(OracleTests.oracle, "no published scenarios found; set BLIXARD_SHARED")
        print("\(set), \(comparison):")
        let paths = OracleTests.scenarios(below: root + "/" + set)
        #expect(!paths.isEmpty, "no scenarios below \(root)/\(set)")
        var failed = 0
        for path in paths {
            guard let mismatch = OracleTests.mismatch(path, comparison) else { continue }
            failed += 1
            report(path, mismatch)
        }
        print("\(paths.count - failed) passed, \(failed) failed")
    }

    @Test(
        "every scenario below the chosen directory has its outcome",
        .enabled(if: chosen != nil, "BLIXARD_RAFT_ORACLE is not set"))
    func chosenDirectory() async {
        guard let chosen = OracleTests.chosen else { return }
        let paths = OracleTests.scenarios(below: chosen)
        if paths.isEmpty {
            print("FAILED there is no scenario (*.txt) below \(chosen)")
            Issue.record("there is no scenario (*.txt) below \(chosen)")
        }
        // In a process of their own: a file that stops the program must not hide the others.
        var failed = 0
        var next = 0
        while next < paths.count {
            let verdicts = await verdicts(chosen, from: next)
            for (path, verdict) in zip(paths[next...], verdicts) where !verdict.isEmpty {
                failed += 1
                report(path, verdict)
            }
            next += verdicts.count
            guard next < paths.count else { break }
            failed += 1
            report(paths[next], "\(paths[next]): stopped the program")
            next += 1
        }
        print("\(paths.count - failed) passed, \(failed) failed")
    }

    /// Runs the files from one on, up to the first that stops the program: an empty text, or what was wrong.
    private func verdicts(_ directory: String, from first: Int) async -> [String] {
        let output = TemporaryDirectory(named: "oracle")
        let file = output.path + "/verdicts"
        await #expect(processExitsWith: .success) {
            [directory = directory as String, first = first as Int, file = file as String] in
            for path in OracleTests.scenarios(below: directory)[first...] {
                let verdict = OracleTests.mismatch(path, .exact) ?? ""
                try TextFile.append(OracleTests.oneLine(verdict) + "\n", to: file)
            }
        }
        // What is written is complete, however the process ended.
        return output.text(of: "verdicts").split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(
            String.init)
    }

    /// Without what a line or a C string can't hold.
    private static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
    }
}
