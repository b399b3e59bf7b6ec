import Manifest
import Testing

@testable import ManifestFiles

@Suite("Collections of manifest files")
struct ManifestCollectionTests {
    private let image = """
        {"apiVersion": "blixard.dev/v1", "kind": "Image", "metadata": {"name": "x"}, "spec": {"format": "what"}}
        """

    @Test("the extension says what a file is, whatever its case, and the first sign where there is none")
    func formats() {
        let braces = ManifestText(Array("  {".utf8))
        let words = ManifestText(Array("kind: Node".utf8))
        #expect(ManifestFormat(name: "a.JSON".utf8) == .json)
        #expect(ManifestFormat(name: "a.yml".utf8) == .yaml)
        #expect(ManifestFormat(name: "a.Yaml".utf8) == .yaml)
        #expect(ManifestFormat(name: "json".utf8) == nil)
        #expect(ManifestFormat(name: "a.yaml".utf8, text: braces) == .yaml)
        #expect(ManifestFormat(name: "a".utf8, text: braces) == .json)
        #expect(ManifestFormat(name: "a.txt".utf8, text: words) == .yaml)
    }

    @Test("errors of texts and of documents come file by file")
    func order() throws {
        var files = ManifestCollection(limit: 10_000)
        try files.add(Array(image.utf8), name: "a.json")
        try files.add(Array("a: [".utf8), name: "b.yaml")
        try files.add(Array(image.utf8), name: "c.json")
        let reader = ManifestReader(namespace: "default", namespaceIsBinding: false)
        let sources = files.inspect(with: reader, assuming: nil).errors.map(\.source)
        #expect(sources.first == "a.json")
        #expect(sources.last == "c.json")
        #expect(sources.filter { $0 == "b.yaml" }.count == 1)
    }

    @Test("all files together may have so many bytes, and no more")
    func limit() throws {
        var files = ManifestCollection(limit: 10)
        try files.add(Array("a: 1\n".utf8), name: "a.yaml")
        try files.add(Array("b: 2\n".utf8), name: "b.yaml")
        #expect(files.allowance == 0)
        #expect(throws: ManifestCollection.TooLarge(name: "c.yaml", limit: 10)) {
            try files.add([0x20], name: "c.yaml")
        }
    }
}
