import EdgeValues
import EditorSchemas
import Glibc
import JSONText
import Manifest
import Primitives
import Testing

@Suite struct ShippedManifestsTests {
    /// A file of this repository.
    private static func file(_ path: String) throws -> [UInt8] {
        let root = String(#filePath.split(separator: "/").dropLast(4).reduce(into: "") { $0 += "/" + $1 })
        let stream = try #require(fopen(root + "/" + path, "r"), "\(path) can't be read")
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, stream)
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    private func documents(_ path: String) throws -> [ManifestDocument] {
        let source = ManifestSource(name: path, bytes: try Self.file(path))
        return try ManifestReader(namespace: "default", namespaceIsBinding: false).read([source])
    }

    @Test("The quickstart is three nodes and four machines with the built-in guest")
    func quickstart() throws {
        let documents = try documents("manifests/quickstart/cluster.json")
        #expect(documents.map(\.key.name) == ["node-1", "node-2", "node-3", "web-1", "web-2", "db-1", "batch-1"])
        for document in documents where document.key.kind == "VirtualMachine" {
            let spec = try VirtualMachineSpec(json: document.spec)
            #expect(spec.boot == .builtin)
            #expect(spec.memoryBytes <= 64 << 20)
        }
        let database = try VirtualMachineSpec(json: try #require(documents.first { $0.key.name == "db-1" }).spec)
        let fits = documents.filter { LabelSelector(matching: database.nodeSelector).matches($0.labels) }
        #expect(fits.map(\.key.name) == ["node-1", "node-2"])
    }

    @Test("The Linux example boots the images that it names")
    func linux() throws {
        let documents = try documents("manifests/linux/cluster.json")
        let images = Set(documents.filter { $0.key.kind == "Image" }.map(\.key.name))
        let machine = try #require(documents.first { $0.key.kind == "VirtualMachine" })
        let spec = try VirtualMachineSpec(canonical: machine.specBytes)
        guard case .kernel(let kernel, let initrd?, _) = spec.boot else {
            Issue.record("the example boots \(spec.boot)")
            return
        }
        #expect(images == [kernel, initrd])
        #expect(spec.networks.flatMap(\.portForwards).map(\.guestPort) == [80])
    }

    private static func editor() throws -> EditorSchema {
        var files: [String: JSON] = [:]
        for name in ["manifest", "gitrepository", "image", "manifestset", "node", "secret", "virtualmachine"] {
            files[name + ".json"] = try JSON(parsing: try file("schemas/\(name).json"))
        }
        return EditorSchema(files: files)
    }

    @Test("An editor finds nothing wrong with the manifests that come along", arguments: ["quickstart", "linux"])
    func editors(name: String) throws {
        let editor = try Self.editor()
        for document in try JSON.documents(in: Self.file("manifests/\(name)/cluster.json")) {
            #expect(editor.accepts(document.value, file: "manifest.json"))
            var wrong = document.value
            if wrong.object != nil { wrong["items"] = [["kind": "Node"]] } else { wrong = [["kind": "Node"]] }
            #expect(!editor.accepts(wrong, file: "manifest.json"))
        }
    }

    @Test("An editor takes every document that apply takes")
    func agreement() throws {
        let editor = try Self.editor()
        let reader = ManifestReader(namespace: "default", namespaceIsBinding: false)
        var both = 0
        // What clients in Go write for times that they do not know is passed over by apply alone.
        for edge in EdgeDocuments.all where !edge.value.isNull {
            let source = ManifestSource(name: "edge", content: .value(edge.document, position: nil))
            guard (try? reader.read([source]))?.count == 1 else { continue }
            both += 1
            #expect(editor.accepts(edge.document, file: edge.kind.singular + ".json"), "\(edge)")
            #expect(editor.accepts(edge.document, file: "manifest.json"), "\(edge)")
        }
        #expect(both > 50)
    }

    @Test("The list of kinds in the schema of files is that of the program")
    func listKinds() throws {
        let schema = try JSON(parsing: try Self.file("schemas/manifest.json"))
        let kinds = schema["$defs"]?["list"]?["properties"]?["kind"]?["enum"]?.array?.compactMap(\.string)
        #expect(kinds == ["List"] + KindInfo.all.map { $0.kind + "List" })
        let files = schema["$defs"]?["object"]?["anyOf"]?.array?.compactMap { $0["$ref"]?.string }
        #expect(files == KindInfo.writable.map { $0.singular + ".json" })
    }

    @Test("The schemas in the binary are those of the repository")
    func schemas() throws {
        for schema in KindSchema.all {
            #expect(schema.text == (try Self.file("schemas/\(schema.kind.singular).json")))
        }
    }

    @Test("Manifests with changed bytes are read or refused, and what is read can be viewed", arguments: 0..<40)
    func damage(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let whole = try Self.file("manifests/quickstart/cluster.json")
        let signs = Array("{}[]\",:0a-".utf8)
        let reader = ManifestReader(namespace: "default", namespaceIsBinding: false)
        for _ in 0..<20 {
            var text = whole
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                text[text.indices.randomElement(using: &generator)!] = signs.randomElement(using: &generator)!
            }
            if Bool.random(using: &generator) { text.removeLast(Int.random(in: 0..<text.count, using: &generator)) }
            do throws(ManifestErrors) {
                for document in try reader.read([ManifestSource(name: "a", bytes: text)])
                where document.key.kind == "VirtualMachine" {
                    #expect(throws: Never.self) { try VirtualMachineSpec(canonical: document.specBytes) }
                    #expect(VirtualMachineSpec.changes(from: document.spec, to: document.spec) == [])
                }
            } catch {
                #expect(error.errors.allSatisfy { $0.position != nil && !$0.detail.isEmpty })
            }
        }
    }
}
