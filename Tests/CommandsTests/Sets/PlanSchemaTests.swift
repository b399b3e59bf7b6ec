import Contract
import EditorSchemas
import Fleet
import JSONText
import Manifest
import Primitives
import TestFiles
import Testing

@testable import Commands

@Suite("Schemas of plans and plan files")
struct PlanSchemaTests {
    private let schema: EditorSchema

    init() throws {
        schema = try EditorSchema.shipped(
            ["plan.json", "planfile.json", "manifest.json"] + KindInfo.writable.map { $0.singular + ".json" })
    }

    private static let web = KindInfo.virtualMachine.key(namespace: "default", name: "web")

    private static let answer = PlanAnswer(
        revision: 8,
        objects: [
            PlannedObject(
                key: web, operation: "configured", message: nil,
                fields: [PlannedField(path: "spec.vcpus", old: 1, new: 2, update: "restart")], isDrifted: true)
        ], actions: [], unknown: [], cluster: "cluster-a", set: SetOutcome(name: "prod", revision: 3, isNew: true),
        expectation: WriteExpectation(
            objects: [.init(key: web, state: ManifestState(uid: Samples.uid, digest: 0xabc))], pruned: [web]))

    @Test("what plan prints as JSON and what it writes to a file is as the schemas say")
    func real() async throws {
        let bench = Bench(FakeConnection { _ in Self.answer.json })
        let file = bench.file("m.json", Samples.manifest)
        for words in [["--set", "prod", "-m", "why"], []] {
            let result = await bench.run(["plan", "-f", file, "-o", "json", "--out", file + ".plan"] + words)
            #expect(schema.accepts(try JSON(parsing: result.output), file: "plan.json"), "\(result)")
            let kept = try JSON(parsing: TextFile.read(file + ".plan") ?? "")
            #expect(schema.accepts(kept, file: "planfile.json"))
            var wrong = kept
            wrong["apply"]?["documents"] = [["kind": "Nothing"]]
            #expect(!schema.accepts(wrong, file: "planfile.json"))
            wrong = kept
            wrong["apply"]?["fromTomorrow"] = 1
            #expect(!schema.accepts(wrong, file: "planfile.json"))
        }
    }

    @Test("the schema of plan files describes every member that is written, and no other")
    func members() {
        var apply = ApplyRequest(
            identity: WriteIdentity(request: RequestID(high: 1, low: 2), baseRevision: 7),
            documents: [["kind": "Node"]], sources: ["a.json:1"],
            set: SetRequest(
                name: "prod", prune: true, maxPrunePercent: 80, allowsEmpty: true, adopts: true, ifRevision: 2,
                message: "why", commit: "abc"), expectation: Self.answer.expectation)
        apply.cluster = "cluster-a"
        let file = PlanFile(cluster: "cluster-a", apply: apply, plan: .null)
        let written = schema.members(of: file.json, file: "planfile.json")
        let described = schema.describedMembers(file: "planfile.json").filter { !$0.hasPrefix("plan.") }
        #expect(written.subtracting(described).sorted() == [])
        #expect(described.subtracting(written).sorted() == [])
        #expect(written.contains("apply.set.maxPrunePercent") && !written.contains("apply.documents[].kind"))
    }
}
