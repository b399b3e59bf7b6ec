import Contract
import Fleet
import JSONText
import Manifest
import Primitives
import Testing

@testable import Commands

/// Answers as a cluster with the set "prod", of two revisions, would give them.
private func answer(_ call: FakeConnection.Call) throws(ClientFailure) -> JSON {
    let document: JSON = [
        "apiVersion": "blixard.dev/v1", "kind": "VirtualMachine", "metadata": ["name": "web", "namespace": "default"],
        "spec": ["memory": .string(call.path.hasSuffix("/1") ? "1Gi" : "2Gi")],
    ]
    switch call.path.split(separator: "/").last ?? "" {
    case "revisions":
        return SetHistory(
            name: "prod", revision: 2, members: 1, revisions: [Samples.revision(1), Samples.revision(2)],
            forgotten: nil
        ).json
    case "1": return SetRevisionAnswer(name: "prod", summary: Samples.revision(1), documents: [document]).json
    case "2": return SetRevisionAnswer(name: "prod", summary: Samples.revision(2), documents: [document]).json
    case "apply":
        let key = KindInfo.virtualMachine.key(namespace: "default", name: "web")
        let old = KindInfo.virtualMachine.key(namespace: "default", name: "old")
        func result(_ key: ObjectKey, _ operation: MutationResult.Operation) -> MutationResult {
            MutationResult(key: key, operation: operation, uid: Samples.uid, resourceVersion: 9, generation: 1)
        }
        return WriteReport(
            answer: WriteAnswer(
                results: [result(key, .configured)], revision: 9, pruned: [result(old, .deleted)],
                released: [KindInfo.virtualMachine.key(namespace: "default", name: "kept")],
                set: SetOutcome(name: "prod", revision: 3, isNew: true)),
            isDryRun: false, request: RequestID(high: 0, low: 1)
        ).json
    case "plan":
        let key = KindInfo.virtualMachine.key(namespace: "default", name: "web")
        return PlanAnswer(
            revision: 8,
            objects: [
                PlannedObject(
                    key: key, operation: "configured", message: nil,
                    fields: [PlannedField(path: "spec.memory", old: "1Gi", new: "2|Gi", update: "restart")],
                    isDrifted: true)
            ],
            actions: [], unknown: [], cluster: "cluster-a", set: SetOutcome(name: "prod", revision: 3, isNew: true),
            expectation: WriteExpectation(
                objects: [.init(key: key, state: ManifestState(uid: Samples.uid, digest: 0xabc))], pruned: [])
        ).json
    case "cluster": return Samples.cluster
    default: return .null
    }
}

@Suite("Commands of sets")
struct SetCommandTests {
    private func bench() -> Bench { Bench(FakeConnection(respond: answer)) }

    private func sent(_ bench: Bench, _ path: String) -> JSON? {
        bench.connection.calls.last { $0.path.hasSuffix(path) }?.body
    }

    @Test("apply of a set sends what its flags say and prints what was pruned, released and recorded")
    func apply() async {
        let bench = bench()
        let file = bench.file("m.json", Samples.manifest)
        let result = await bench.run(
            "apply", "-f", file, "--set", "prod", "--prune", "--max-prune-percent", "80", "--adopt", "--if-revision",
            "2",
            "-m", "more", "--commit", "abc")
        #expect(
            result.output == """
                virtualmachine.blixard.dev/web configured
                virtualmachine.blixard.dev/old pruned
                virtualmachine.blixard.dev/kept released
                set prod is now at revision 3

                """)
        #expect(
            sent(bench, "apply")?["set"] == [
                "name": "prod", "prune": true, "maxPrunePercent": 80, "adopt": true, "ifRevision": "2",
                "message": "more", "commit": "abc",
            ])
    }

    @Test("without a flag of a set nothing is said of one")
    func withoutSet() async {
        let bench = bench()
        _ = await bench.run("apply", "-f", bench.file("m.json", Samples.manifest))
        #expect(sent(bench, "apply")?["set"] == nil)
    }

    @Test("a share that is none is refused before anything is sent", arguments: ["-1", "101", "half"])
    func share(text: String) async {
        let bench = bench()
        let file = bench.file("m.json", Samples.manifest)
        let result = await bench.run("apply", "-f", file, "--set", "prod", "--max-prune-percent=\(text)")
        #expect(result.code != 0 && bench.connection.calls.isEmpty)
    }

    @Test("plan writes a file that apply sends back with what the plan saw, and with nothing else beside it")
    func planFile() async throws {
        let bench = bench()
        let file = bench.file("m.json", Samples.manifest)
        let path = file + ".plan"
        let planned = await bench.run("plan", "-f", file, "--set", "prod", "--out", path)
        #expect(planned.code == 0)
        #expect(planned.output.contains("configured (edited by hand since the set's last revision)"))
        #expect(await bench.run("apply", "--plan", path).code == 0)
        let body = try #require(sent(bench, "apply"))
        #expect(body["set"] == ["name": "prod"] && body["cluster"] == "cluster-a")
        #expect(body["expected"]?["objects"]?[0]?["digest"] == "abc")
        #expect(body["documents"]?.array?.count == 1)
        let both = await bench.run("apply", "--plan", path, "-f", file)
        #expect(both.code == 1 && both.errors.contains("--plan goes without -f"))
    }

    @Test("what is no plan file is refused with its name", arguments: ["{", "[]", #"{"kind":"Plan"}"#, ""])
    func notAPlan(text: String) async {
        let bench = bench()
        let result = await bench.run("apply", "--plan", bench.file("p.json", text))
        #expect(result.code == 1 && result.errors.contains("p.json: it is no plan file"), "\(result.errors)")
        #expect(bench.connection.calls.isEmpty)
    }

    @Test("a plan of something exits with 2 only where the exit code was asked for")
    func exitCode() async {
        let bench = bench()
        let file = bench.file("m.json", Samples.manifest)
        #expect(await bench.run("plan", "-f", file).code == 0)
        #expect(await bench.run("plan", "-f", file, "--detailed-exitcode").code == 2)
        #expect(await bench.run("diff", "-f", file).code == 1)
    }

    @Test("a plan as markdown has no markup that values bring along")
    func markdown() async {
        let bench = bench()
        let result = await bench.run("plan", "-f", bench.file("m.json", Samples.manifest), "-o", "markdown")
        #expect(result.output.contains("**1 configured**"))
        #expect(result.output.contains("`spec.memory`: `\"1Gi\"` to `\"2&#124;Gi\"` (restart)"))
    }

    @Test("colours come on a terminal or by word, and NO_COLOR keeps them off a terminal")
    func colors() async {
        var bench = bench()
        let file = bench.file("m.json", Samples.manifest)
        #expect(!(await bench.run("plan", "-f", file).output.contains("\u{1B}")))
        #expect(await bench.run("plan", "-f", file, "--color", "always").output.contains("\u{1B}[33m"))
        bench.outputIsWatched = true
        #expect(await bench.run("plan", "-f", file).output.contains("\u{1B}[33m"))
        bench.environment["NO_COLOR"] = "1"
        #expect(!(await bench.run("plan", "-f", file).output.contains("\u{1B}")))
    }

    @Test("the history of a set is a table of revisions with their reasons")
    func history() async {
        let result = await bench().run("rollout", "history", "set/prod")
        #expect(result.output.hasPrefix("REVISION   APPLIED"))
        #expect(result.output.contains("0123456789ab ") && result.output.contains("why"))
    }

    @Test("show prints manifests that can be applied")
    func show() async {
        let result = await bench().run("rollout", "show", "sets", "prod", "--revision", "1")
        #expect(result.output.contains("kind: VirtualMachine") && result.output.contains("memory: 1Gi"))
    }

    @Test("diff compares with the revision before, and exits with 1 for a difference")
    func diff() async {
        let result = await bench().run("rollout", "diff", "set/prod")
        #expect(result.code == 1)
        #expect(result.output.contains("--- revision-1/VirtualMachine.default.web"))
        #expect(result.output.contains("-  memory: 1Gi\n+  memory: 2Gi\n"))
        #expect(await bench().run("rollout", "diff", "set/prod", "--from", "2", "--to", "2").code == 0)
    }

    @Test("undo applies the revision before the newest, provided that the newest is still the newest")
    func undo() async {
        let bench = bench()
        let result = await bench.run("rollout", "undo", "set/prod", "--prune")
        #expect(result.output.hasSuffix("manifestset.blixard.dev/prod rolled back\n"))
        let body = sent(bench, "apply")
        #expect(body?["documents"]?[0]?["spec"] == ["memory": "1Gi"])
        #expect(
            body?["set"] == [
                "name": "prod", "prune": true, "ifRevision": "2", "message": "roll back to revision 1",
                "commit": "0123456789abcdef",
            ])
    }

    @Test(
        "undo to the newest revision, and a word that is no set, are refused",
        arguments: [
            ["set/prod", "--to-revision", "2"], ["vm/web"], ["set"], ["set/a", "set/b"],
        ])
    func refused(words: [String]) async {
        let bench = bench()
        let result = await bench.run(["rollout", "undo"] + words)
        #expect(result.code != 0)
        #expect(sent(bench, "apply") == nil)
    }
}

@Suite("Unified diffs")
struct UnifiedDiffTests {
    @Test("equal texts have none")
    func equal() {
        #expect(UnifiedDiff(["a", "b"], ["a", "b"], name: "x").lines == [])
    }

    @Test("changes have three lines around them, and those that are near share a hunk")
    func hunks() {
        let old = (1...30).map(String.init)
        var new = old
        new[4] = "five"
        new[9] = "ten"
        new[29] = "thirty"
        let lines = UnifiedDiff(old, new, name: "x").lines.map(\.text)
        #expect(lines.filter { $0.hasPrefix("@@") } == ["@@ -2,12 +2,12 @@", "@@ -27,4 +27,4 @@"])
        #expect(lines.filter { $0.hasPrefix("+") } == ["+++ applied/x", "+five", "+ten", "+thirty"])
        #expect(lines[2...6] == ["@@ -2,12 +2,12 @@", " 2", " 3", " 4", "-5"])
    }

    @Test("a text that is all new or all gone is one hunk from line 0")
    func whole() {
        #expect(UnifiedDiff([], ["a"], name: "x").lines.map(\.text).dropFirst(2) == ["@@ -0,0 +1,1 @@", "+a"])
        #expect(UnifiedDiff(["a"], [], name: "x").lines.map(\.text).dropFirst(2) == ["@@ -1,1 +0,0 @@", "-a"])
    }
}
