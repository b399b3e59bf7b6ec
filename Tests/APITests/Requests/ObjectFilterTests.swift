import Contract
import Fleet
import Manifest
import Testing

@testable import API

@Suite("Field selectors")
struct ObjectFilterTests {
    @Test("A field selector compares bytes, of names and of what events say")
    func exactText() throws {
        let (composed, decomposed) = ("Jos\u{e9}", "Jose\u{301}")
        let event = EventRecord(
            regarding: ObjectKey(kind: "VirtualMachine", namespace: "default", name: composed), uid: nil, type: .normal,
            reason: composed, message: "", source: "", firstSeen: Samples.start, lastSeen: Samples.start, count: 1,
            firstRevision: 1, revision: 1)
        for field in ["reason", "involvedObject.name"] {
            #expect(try ObjectFilter("\(field)=\(composed)", kind: .event).matches(event))
            #expect(try !ObjectFilter("\(field)=\(decomposed)", kind: .event).matches(event))
            #expect(try ObjectFilter("\(field)!=\(decomposed)", kind: .event).matches(event))
        }
        #expect(try !ObjectFilter("metadata.name=\(decomposed)", kind: .node).matches(event.regarding))
    }

    @Test("A field that nobody selects by is named, with those that are")
    func fieldSelector() throws {
        let filter = try ObjectFilter("metadata.name=web,metadata.namespace!=test", kind: .virtualMachine)
        #expect(filter.matches(Samples.machine("web")))
        #expect(!filter.matches(Samples.machine("web", namespace: "test")))
        #expect(filter.name == "web")
        let error = #expect(throws: APIStatus.self) { try ObjectFilter("spec.x=1", kind: .virtualMachine) }
        #expect(error?.message.contains("metadata.name") == true)
    }
}
