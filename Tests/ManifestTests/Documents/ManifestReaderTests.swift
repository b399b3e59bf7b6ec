import JSONText
import Manifest
import Testing

@Suite struct ManifestReaderTests {
    static let reader = ManifestReader(namespace: "default", namespaceIsBinding: false)

    static func read(_ text: String, reader: ManifestReader = reader) throws(ManifestErrors) -> [ManifestDocument] {
        try reader.read([ManifestSource(name: "a.json", bytes: Array(text.utf8))])
    }

    static func machine(_ name: String, _ spec: String = "{}") -> String {
        #"{"apiVersion":"blixard.dev/v1","kind":"VirtualMachine","metadata":{"name":"\#(name)"},"spec":\#(spec)}"#
    }

    @Test("Objects, arrays, lists and streams give the same documents")
    func layouts() throws {
        let (one, two) = (Self.machine("one"), Self.machine("two"))
        let layouts = [
            "\(one)\n\(two)", "[\(one), \(two)]", #"{"apiVersion":"v1","kind":"List","items":[\#(one),\#(two)]}"#,
            #"{"apiVersion":"blixard.dev/v1","kind":"VirtualMachineList","metadata":{},"items":[\#(one),\#(two)]}"#,
            #"[{"apiVersion":"v1","kind":"List","items":[\#(one)]}, \#(two)]"#,
        ]
        for layout in layouts {
            #expect(try Self.read(layout).map(\.key.name) == ["one", "two"])
        }
        #expect(try Self.read("  ").isEmpty)
        #expect(try Self.read("[]").isEmpty)
    }

    @Test("A document knows its key, labels, normal form and place")
    func document() throws {
        let text = """
            {
              "$schema": "https://blixard.dev/schemas/v1/virtualmachine.json",
              "apiVersion": "blixard.dev/v1", "kind": "VirtualMachine",
              "metadata": {
                "name": "web", "labels": {"app": "web"}, "annotations": {"example.org/note": "any text, é"},
                "uid": "u", "resourceVersion": "7", "generation": 2, "creationTimestamp": "t", "deletionTimestamp": "t"
              },
              "status": {"ready": true},
              "spec": {
                "vcpus": 1, "memory": "1.5Gi", "runStrategy": "Always", "boot": {"guest": "builtin"},
                "networks": [{"type": "user", "name": "lan", "portForwards": []}], "disks": [], "nodeSelector": {}
              }
            }
            """
        let document = try #require(try Self.read("\n" + text).first)
        #expect(document.key == ObjectKey(kind: "VirtualMachine", namespace: "default", name: "web"))
        #expect(document.labels == ["app": "web"])
        #expect(document.annotations == ["example.org/note": "any text, é"])
        #expect(
            String(decoding: document.specBytes, as: UTF8.self) == #"{"memory":"1536Mi","networks":[{"name":"lan"}]}"#)
        #expect(document.source == "a.json:2:1")
        #expect(
            try Self.read(String(decoding: document.json.prettyBytes, as: UTF8.self)).first?.specBytes
                == document.specBytes)
    }

    @Test("Times and a status that a client left null are passed over")
    func nullStamps() throws {
        let text = Self.machine("web").replacing(
            #""name":"web""#, with: #""name":"web","creationTimestamp":null,"deletionTimestamp":null"#)
        #expect(try Self.read(text.dropLast() + #","status":null}"#).map(\.key.name) == ["web"])
    }

    @Test("Specs that mean the same have the same bytes")
    func sameMeaning() throws {
        let specs = [
            #"{"memory":"1536Mi","disks":[{"name":"d","size":"1Gi"}]}"#,
            #"{"disks":[{"size":"1024Mi","format":"qcow2","name":"d"}],"memory":"1.5Gi","vcpus":1}"#,
            #"{"memory":"1610612736","vcpus":1.0,"disks":[{"name":"d","size":"1073741824"}],"terminationGracePeriodSeconds":3e1}"#,
        ]
        let bytes = try specs.map { try Self.read(Self.machine("web", $0)).first?.specBytes }
        #expect(Set(bytes).count == 1)
        #expect(try Self.read(Self.machine("web", #"{"memory":"128Mi"}"#)).first?.spec == [:])
    }

    @Test("Nodes and images need no namespace, and namespaces go where they are asked to")
    func namespaces() throws {
        let node =
            #"{"apiVersion":"blixard.dev/v1","kind":"Node","metadata":{"name":"node-1"},"spec":{"reserved":{"memory":"0","cpus":0}}}"#
        let read = try #require(try Self.read(node).first)
        #expect(read.key == ObjectKey(kind: "Node", namespace: "", name: "node-1"))
        #expect(read.spec == [:])
        let prod = ManifestReader(namespace: "prod", namespaceIsBinding: false)
        #expect(try Self.read(Self.machine("web"), reader: prod).first?.key.namespace == "prod")
        let named = Self.machine("web").replacing(#""name":"web""#, with: #""name":"web","namespace":"test""#)
        #expect(try Self.read(named, reader: prod).first?.key.namespace == "test")
        let binding = ManifestReader(namespace: "prod", namespaceIsBinding: true)
        #expect(throws: ManifestErrors.self) { try Self.read(named, reader: binding) }
        #expect(try Self.read(Self.machine("web"), reader: binding).first?.key.namespace == "prod")
    }

    @Test("Everything wrong in every file is said at once, each with its place")
    func allAtOnce() throws {
        let first = """
            [
              {"apiVersion": "blixard.dev/v1", "kind": "VirtualMachine", "metadata": {"name": "a"},
               "spec": {"memroy": "1Gi", "vcpus": 0}},
              {"apiVersion": "blixard.dev/v1", "kind": "VirtualMachine", "metadata": {},
               "spec": {"disks": [{"name": "d", "size": "1Gi"}, {"name": "d", "size": "12x"}]}}
            ]
            """
        let errors = #expect(throws: ManifestErrors.self) {
            try Self.reader.read([
                ManifestSource(name: "a.json", bytes: Array(first.utf8)),
                ManifestSource(name: "b.json", bytes: Array(#"{"a": 1, "a": 2}"#.utf8)),
                ManifestSource(name: "c.json", bytes: Array(Self.machine("ok").utf8)),
            ])
        }
        #expect(
            errors?.description == """
                a.json:3:13: VirtualMachine a: unknown field "spec.memroy", did you mean "memory"?
                a.json:3:39: VirtualMachine a: spec.vcpus: Invalid value: 0: must be greater than or equal to 1
                a.json:4:74: VirtualMachine: metadata.name: Required value
                a.json:5:62: VirtualMachine: spec.disks[1].name: Duplicate value: "d"
                a.json:5:75: VirtualMachine: spec.disks[1].size: Invalid value: "12x": \(Quantity.rule)
                b.json:1:10: duplicate key "a": a key may stand only once
                """)
    }

    @Test("An object that stands twice in a set is an error that names the first place")
    func twice() {
        let errors = #expect(throws: ManifestErrors.self) {
            try Self.reader.read([
                ManifestSource(name: "a.json", bytes: Array(Self.machine("web").utf8)),
                ManifestSource(name: "b.json", bytes: Array(("\n" + Self.machine("web")).utf8)),
            ])
        }
        #expect(
            errors?.description
                == #"b.json:2:75: VirtualMachine default/web: metadata.name: Duplicate value: "web": stands at a.json:1:1 already"#
        )
    }

    @Test("Values from elsewhere are read with the places that a lookup gives, or with none")
    func values() throws {
        let value = try JSON(parsing: "[" + Self.machine("a") + "," + Self.machine("b", #"{"vcpus":65}"#) + "]")
        let looked = ManifestSource(
            name: "a.yaml",
            content: .value(value) { path in
                path.description == "[1].spec.vcpus" ? JSONPosition(line: 9, column: 4, offset: 0) : nil
            })
        let errors = #expect(throws: ManifestErrors.self) { try Self.reader.read([looked]) }
        #expect(errors?.description.hasPrefix("a.yaml:9:4: VirtualMachine b: spec.vcpus: Invalid value: 65") == true)
        let blind = ManifestSource(name: "body", content: .value(value, position: nil))
        let more = #expect(throws: ManifestErrors.self) { try Self.reader.read([blind]) }
        #expect(more?.description.hasPrefix("body: VirtualMachine b: spec.vcpus") == true)
        #expect(try Self.reader.read([ManifestSource(name: "empty.yaml", content: .value(nil, position: nil))]).isEmpty)
    }

    @Test("More errors than are listed are counted")
    func manyErrors() {
        let text = (0..<1200).map { Self.machine("vm-\($0)", #"{"vcpus":0}"#) }.joined(separator: "\n")
        let errors = #expect(throws: ManifestErrors.self) { try Self.read(text) }
        #expect(errors?.errors.count == 1000)
        #expect(errors?.omitted == 200)
        #expect(errors?.errors.last?.position?.line == 1000)
    }
}
