import Contract
import JSONText
import ManifestFiles
import Primitives
import Testing

@testable import Commands

@Suite("Rendering")
struct RenderingTests {
    @Test("columns are as wide as their widest cell, with three spaces between and none behind")
    func table() {
        let text = TableText.render([
            ["NAME", "STATUS", "AGE"], ["web", "Running", "5m"], ["database", "<none>", "10s"],
        ])
        #expect(
            text == """
                NAME       STATUS    AGE
                web        Running   5m
                database   <none>    10s

                """)
    }

    @Test("what would break a line of a table is shown, not printed")
    func unprintable() {
        #expect(TableText.render([["a\nb", "\u{1b}[31m", "c"]]) == "a\\nb   \\u{1b}[31m   c\n")
    }

    @Test("objects, lists under their key, empty ones and literal blocks are printed as YAML")
    func yaml() {
        let value: JSON = [
            "name": "web", "labels": [:], "disks": [["name": "root", "sizes": [1, 2]], "plain"], "none": nil,
            "script": "#!/bin/sh\necho hi\n", "list": [],
        ]
        #expect(
            YAMLText.render(value) == """
                name: web
                labels: {}
                disks:
                - name: root
                  sizes:
                  - 1
                  - 2
                - plain
                none: null
                script: |
                  #!/bin/sh
                  echo hi
                list: []

                """)
    }

    @Test(
        "YAML: text that a reader could take for something else is quoted and comes back as it was",
        arguments: [
            "on", "yes", "null", "~", "", " a", "a ", "a: b", "a #b", "- a", "0755", "1_000", "12:30", "1e3", "true",
            "2026-01-31", "@x", "%x", "`x", "#x", "a:", "\u{1}", "tab\there", "a\nb", "a\n", "\n", "a\n\n", "\na", "=",
            "<<", "127.0.0.1:7001", "0x1f", ".5", "ü", "'x'", "\"x\"", "[x", "{x", "x\u{2028}y", "!x", "*x", "&x",
            "|", ">", "? x", "1.", "+1", "-", "--- x",
        ])
    func yamlStrings(string: String) throws {
        for value: JSON in [
            .string(string), [.string(string)], ["k": .string(string)], ["k": [["a": .string(string)]]],
        ] {
            let text = YAMLText.render(value)
            let documents = YAMLDocuments(Array(text.utf8), source: "x.yaml")
            #expect(documents.errors.isEmpty, "\(text)")
            guard let back = documents.sources.first?.json else {
                Issue.record("nothing came back of \(text)")
                return
            }
            #expect(back == value, "\(text)")
        }
    }

    @Test(
        "JSONPath templates print what they select",
        arguments: [
            ("{.metadata.name}", "web"),
            ("{.items[*].n}", "1 2 3"),
            ("{.items[-1].n} and {.items[0].n}", "3 and 1"),
            ("{range .items[*]}{.n}{\"\\n\"}{end}", "1\n2\n3\n"),
            ("{.items[?(@.n>1)].n}", "2 3"),
            ("{.items[?(@.t==\"b\")].n}", "2"),
            ("{.metadata.labels['a.b/c']}", "x"),
            ("{.metadata.labels.a\\.b/c}", "x"),
            ("{..n}", "1 2 3"),
            ("{.missing}", ""),
            ("{.items[0]}", "{\"n\":1,\"t\":\"a\"}"),
            ("plain", "plain"),
        ])
    func templates(template: String, text: String) throws {
        let value: JSON = [
            "metadata": ["name": "web", "labels": ["a.b/c": "x"]],
            "items": [["n": 1, "t": "a"], ["n": 2, "t": "b"], ["n": 3, "t": "c"]],
        ]
        #expect(try PathTemplate(template).render(value) == text)
    }

    @Test(
        "broken templates are errors", arguments: ["{.a", "{range .a}", "{end}", "{.a[}", "{.a[x]}", "{.a[?(@.b=1)]}"])
    func brokenTemplates(template: String) {
        #expect(throws: CommandFailure.self) { try PathTemplate(template) }
    }

    @Test("custom columns print <none> where there is nothing")
    func columns() throws {
        let columns = try CustomColumn.parse("NAME:.metadata.name,NODE:.status.nodeName")
        let rows = CustomColumn.rows(columns, of: [["metadata": ["name": "web"]]])
        #expect(rows == [["web", "<none>"]])
        #expect(throws: CommandFailure.self) { try CustomColumn.parse("NAME") }
    }

    @Test("a status with one cause is one line, with several a list")
    func invalid() {
        func text(_ causes: [JSON]) -> String {
            ClientFailure.refusal(
                "Invalid", "VirtualMachine.blixard.dev \"web\" is invalid", code: 422,
                details: ["kind": "virtualmachines", "name": "web", "causes": .array(causes)]
            ).text
        }
        let first: JSON = ["field": "spec.vcpus", "message": "Invalid value: 0: must be at least 1"]
        #expect(
            text([first])
                == "The VirtualMachine \"web\" is invalid: spec.vcpus: Invalid value: 0: must be at least 1"
        )
        #expect(
            text([first, ["field": "spec.memory", "message": "Required value"]])
                == """
                The VirtualMachine "web" is invalid: 
                * spec.vcpus: Invalid value: 0: must be at least 1
                * spec.memory: Required value
                """)
    }

    @Test("progress is one line that is written over on a terminal, and lines elsewhere")
    func progress() throws {
        let watched = TextRecorder(failure: nil)
        let plain = TextRecorder(failure: nil)
        for (sink, isWatched) in [(watched, true), (plain, false)] {
            var world = World.host(access: FakeAccess(FakeConnection { _ in nil }), nodes: FakeNodes())
            world.errors = sink
            world.errorsAreWatched = isWatched
            var line = ProgressLine(in: world)
            try line.show("one")
            try line.show("one")
            try line.show("two")
            try line.clear()
        }
        #expect(watched.text == "\r\u{1B}[Kone\r\u{1B}[Ktwo\r\u{1B}[K")
        #expect(plain.text == "one\ntwo\n")
    }
}
