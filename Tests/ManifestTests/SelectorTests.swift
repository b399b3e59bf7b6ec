import Manifest
import Testing

@Suite struct SelectorTests {
    private static let labels = ["app": "web", "tier": "front", "example.org/rack": "a"]

    @Test(
        "A selector holds exactly where each of its requirements does",
        arguments: [
            ("", true), ("app=web", true), ("app==web", true), ("app=db", false), ("app!=db", true),
            ("app!=web", false),
            ("none!=x", true), ("app", true), ("none", false), ("!app", false), ("!none", true),
            ("app in (db,web)", true), ("app in (db)", false), ("app notin (db)", true), ("none notin (a)", true),
            ("app=web,tier=front", true), ("app=web,tier=back", false), (" app = web , tier in ( front ) ", true),
            ("example.org/rack=a", true), ("none in (a)", false), ("app in(web)", true), ("empty=", false),
        ])
    func matches(selector: String, holds: Bool) throws {
        let parsed = try LabelSelector(selector)
        #expect(parsed.matches(Self.labels) == holds)
        #expect(try LabelSelector(parsed.description) == parsed)
    }

    @Test(
        "Text that is no selector is refused with the place",
        arguments: [
            "=", "app=web,", ",", "app=we b", "app in", "app in (a", "app in a", "a=b c", "app=!", "a/b/c", "app>1",
            "!", "app=(x)",
        ])
    func refused(selector: String) {
        #expect(throws: SelectorError.self) { try LabelSelector(selector) }
    }

    @Test("A map of labels is a selector that wants each of them")
    func maps() {
        #expect(LabelSelector(matching: [:]).matches([:]))
        #expect(LabelSelector(matching: ["app": "web"]).matches(Self.labels))
        #expect(!LabelSelector(matching: ["app": "web", "disk": "ssd"]).matches(Self.labels))
        #expect(LabelSelector(matching: ["b": "2", "a": "1"]).description == "a=1,b=2")
    }

    @Test(
        "Field selectors compare name and namespace",
        arguments: [
            ("metadata.name=web", true), ("metadata.name==web", true), ("metadata.name!=web", false),
            ("metadata.namespace=default,metadata.name=web", true), ("metadata.namespace!=default", false), ("", true),
        ])
    func fields(selector: String, holds: Bool) throws {
        let key = ObjectKey(kind: "VirtualMachine", namespace: "default", name: "web")
        let parsed = try FieldSelector(selector)
        #expect(parsed.matches(key) == holds)
        #expect(try FieldSelector(parsed.description) == parsed)
    }

    @Test("Unknown fields are refused with the known ones")
    func unknownFields() {
        let error = #expect(throws: SelectorError.self) { try FieldSelector("status.phase=Running") }
        #expect(error?.description.contains("metadata.name, metadata.namespace") == true)
        #expect(throws: SelectorError.self) { try FieldSelector("metadata.name") }
    }
}
