import TestFiles
import Testing

/// The bugs that `Tests/RaftMutants/run` plants must still fit the module, or it proves nothing.
@Suite("Mutants")
struct MutantEditTests {
    /// One place of an edit: the lines that must stand in the file, exactly once.
    private struct Hunk {
        var file: String
        var old: [Substring] = []
        var new: [Substring] = []
    }

    private func hunks(_ text: String) -> [Hunk] {
        var found: [Hunk] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("@@ ") {
                found.append(Hunk(file: String(line.dropFirst(3))))
            } else if !found.isEmpty {
                if !line.hasPrefix("+") { found[found.count - 1].old.append(line.dropFirst()) }
                if !line.hasPrefix("-") { found[found.count - 1].new.append(line.dropFirst()) }
            }
        }
        return found
    }

    @Test(
        "every edit of a mutant still applies, at exactly one place",
        .enabled(if: SharedData.environment("BLIXARD_RAFT_MUTANT") == nil, "one of them is applied already"))
    func edits() throws {
        let edits = TextFile.paths(below: SharedData.packageDirectory + "/Tests/RaftMutants", ending: ".edit")
        let module = SharedData.packageDirectory + "/Sources/Raft"
        #expect(edits.count == 61)
        for edit in edits {
            let hunks = hunks(try #require(TextFile.read(edit)))
            #expect(!hunks.isEmpty, "\(edit) changes nothing")
            var changed: [String: String] = [:]
            for hunk in hunks {
                let text = try changed[hunk.file] ?? "\n" + #require(TextFile.read(module + "/" + hunk.file))
                let old = "\n" + hunk.old.joined(separator: "\n") + "\n"
                let places = text.ranges(of: old)
                #expect(places.count == 1 && hunk.old != hunk.new, "\(edit) fits \(places.count) times:\(old)")
                let new = "\n" + hunk.new.map { $0 + "\n" }.joined()
                changed[hunk.file] = text.replacing(old, with: new)
            }
        }
    }
}
