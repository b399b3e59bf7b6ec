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

    @Test("A selector is bounded, and is read in one pass however long it is")
    func bounds() throws {
        func many(_ word: String, _ count: Int) -> String {
            Array(repeating: word, count: count).joined(separator: ",")
        }
        #expect(try LabelSelector(many("!a", 128)).requirements.count == 128)
        #expect(try LabelSelector("a in (\(many("b", 1024)))").requirements.count == 1)
        for text in [many("a", 129), "a in (\(many("b", 1025)))", many("a=b", 8000), many("a", 1_000_000)] {
            let error = #expect(throws: SelectorError.self) { try LabelSelector(text) }
            #expect(error?.problem.contains("128 requirements and 1024 values") == true)
        }
        // A key that begins like a word of the language is a key.
        #expect(try LabelSelector("a,inside,notin").requirements.count == 3)
        #expect(throws: SelectorError.self) { try LabelSelector("a inside (b)") }
    }

    @Test("Text that only Unicode calls equal matches no selector of other bytes")
    func exactText() throws {
        let (composed, decomposed) = ("Jos\u{e9}", "Jose\u{301}")
        let key = ObjectKey(kind: "VirtualMachine", namespace: decomposed, name: composed)
        #expect(try FieldSelector("metadata.name=\(composed)").matches(key))
        #expect(try !FieldSelector("metadata.name=\(decomposed)").matches(key))
        #expect(try FieldSelector("metadata.namespace!=\(composed)").matches(key))
        let labels = ["owner": composed, composed: "x"]
        for (requirement, holds) in [
            (LabelSelector.Requirement.isOneOf(key: "owner", values: [composed]), true),
            (.isOneOf(key: "owner", values: [decomposed, "x"]), false),
            (.isNoneOf(key: "owner", values: [decomposed]), true),
            (.isNoneOf(key: "owner", values: [composed]), false), (.exists(key: composed), true),
            (.exists(key: decomposed), false), (.doesNotExist(key: decomposed), true),
        ] {
            #expect(LabelSelector(requirements: [requirement]).matches(labels) == holds, "\(requirement)")
        }
        let digest = String(repeating: "a", count: 64)
        #expect(
            ImageSpec(source: "/\(composed)", digestHex: digest, format: .raw)
                != ImageSpec(source: "/\(decomposed)", digestHex: digest, format: .raw))
    }

    @Test("Unknown fields are refused with the known ones")
    func unknownFields() {
        let error = #expect(throws: SelectorError.self) { try FieldSelector("status.phase=Running") }
        #expect(error?.description.contains("metadata.name, metadata.namespace") == true)
        #expect(throws: SelectorError.self) { try FieldSelector("metadata.name") }
    }
}
