import JSONText
import Testing

@testable import Manifest

@Suite struct ManifestReferenceTests {
    private static let reader = ManifestReader(namespace: "default", namespaceIsBinding: false)

    private static let machine = """
        {"apiVersion": "blixard.dev/v1", "kind": "VirtualMachine", "metadata": {"name": "web"}, "spec": {
         "nodeName": "node-1",
         "boot": {"kernel": "k", "initrd": "i"},
         "disks": [{"name": "a", "size": "1Gi"}, {"name": "b", "size": "1Gi", "image": "base"}]}}
        """

    private func documents(_ text: String) throws -> [ManifestDocument] {
        try Self.reader.read([ManifestSource(name: "a.json", bytes: Array(text.utf8))])
    }

    @Test("A machine names a node and images, each with its path")
    func machine() throws {
        let references = try documents(Self.machine)[0].references
        #expect(
            references.map { "\($0.path) \($0.target)" } == [
                "spec.boot.initrd Image i", "spec.boot.kernel Image k", "spec.disks[1].image Image base",
                "spec.nodeName Node node-1",
            ])
    }

    @Test("An object of the whole cluster names a Secret with its namespace, and none means default")
    func namespaces() throws {
        for (auth, target) in [
            (#"{"secret":"s"}"#, "Secret default/s"), (#"{"secret":"s","namespace":"ops"}"#, "Secret ops/s"),
        ] {
            let references = try documents(
                """
                {"apiVersion": "blixard.dev/v1", "kind": "GitRepository", "metadata": {"name": "g"},
                 "spec": {"url": "https://git.example/x", "auth": \(auth)}}
                """)[0].references
            #expect(references.map { "\($0.path) \($0.target)" } == ["spec.auth.secret \(target)"])
        }
    }

    @Test("The fields that name an object are those whose description says so")
    func fields() {
        var found: [String] = []
        func look(_ schema: Schema, _ path: JSONPath) {
            if let reference = schema.keywords.reference { found.append("\(path) \(reference.kind)") }
            for property in schema.keywords.properties { look(property.schema, path.appending(property.name)) }
            if let items = schema.keywords.items { look(items, path) }
        }
        for schema in KindSchema.all { look(schema.spec, JSONPath(keys: schema.kind.singular)) }
        #expect(
            found == [
                "gitrepository.auth.secret Secret", "gitrepository.webhook.secret Secret", "image.auth.secret Secret",
                "virtualmachine.boot.kernel Image", "virtualmachine.boot.initrd Image",
                "virtualmachine.disks.image Image", "virtualmachine.nodeName Node",
            ])
    }

    @Test("What is declared in another source or assumed is not missing; the rest is, at its place")
    func missing() {
        let image = """
            {"apiVersion": "blixard.dev/v1", "kind": "Image", "metadata": {"name": "base"}, "spec": {
             "source": "/a", "format": "raw", "digest": "sha256:\(String(repeating: "5c", count: 32))"}}
            """
        let sources = [
            ManifestSource(name: "a.json", bytes: Array("[\n\(Self.machine)]".utf8)),
            ManifestSource(name: "b.json", bytes: Array(image.utf8)),
        ]
        func missing(_ assumed: AssumedObjects?) -> [String] {
            Self.reader.inspect(sources, assuming: assumed).warnings.map { "\($0.source):\($0.position!) \($0.path)" }
        }
        var assumed = AssumedObjects()
        #expect(
            missing(assumed) == [
                "a.json:3:14 spec.nodeName", "a.json:4:21 spec.boot.kernel", "a.json:4:36 spec.boot.initrd",
            ])
        assumed.add(.image, named: "k")
        assumed.add(.node, named: "i")
        #expect(missing(assumed).count == 2)
        assumed.add(.image)
        #expect(missing(assumed) == ["a.json:3:14 spec.nodeName"])
        assumed.add(.node)
        #expect(missing(assumed) == [])
        #expect(missing(nil) == [])
    }

    @Test("While there are errors, nothing is said of names")
    func errors() {
        let sources = [
            ManifestSource(name: "a.json", bytes: Array(Self.machine.utf8)),
            ManifestSource(name: "b.json", bytes: Array("{".utf8)),
        ]
        let inspection = Self.reader.inspect(sources, assuming: AssumedObjects())
        #expect(inspection.documents.map(\.key.name) == ["web"])
        #expect(inspection.errors.map(\.source) == ["b.json"])
        #expect(inspection.warnings == [])
    }

    @Test("Warnings beyond a thousand are counted")
    func many() {
        let machines = (0..<400).map { Self.machine.replacing("\"web\"", with: "\"web-\($0)\"") }
        let source = ManifestSource(name: "a.json", bytes: Array(machines.joined(separator: "\n").utf8))
        let inspection = Self.reader.inspect([source], assuming: AssumedObjects())
        #expect(inspection.warnings.count == 1000)
        #expect(inspection.omittedWarnings == 600)
    }
}
