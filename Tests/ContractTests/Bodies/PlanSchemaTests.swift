import Contract
import EditorSchemas
import JSONText
import Testing

@Suite("The schema of plans")
struct PlanSchemaTests {
    private let schema: EditorSchema

    init() throws {
        schema = try EditorSchema.shipped(["plan.json"])
    }

    @Test("It takes every plan that a server writes, with and without documents")
    func accepts() {
        #expect(schema.accepts(Bodies.plan.json, file: "plan.json"))
        let now = PlanAnswer(revision: .max, objects: [], actions: [], unknown: [])
        #expect(schema.accepts(now.json, file: "plan.json"))
        #expect(!schema.accepts([:], file: "plan.json"))
        var wrong = Bodies.plan.json
        wrong["actions"] = [["kind": "Node"]]
        #expect(!schema.accepts(wrong, file: "plan.json"))
    }

    @Test("It describes every member that the codec writes, and no other")
    func members() {
        let written = schema.members(of: Bodies.plan.json, file: "plan.json")
        let described = schema.describedMembers(file: "plan.json")
        #expect(written.subtracting(described).sorted() == [])
        #expect(described.subtracting(written).sorted() == [])
        #expect(written.isSuperset(of: ["expected.objects[].digest", "set.isNew", "objects[].fields[].old"]))
    }
}
