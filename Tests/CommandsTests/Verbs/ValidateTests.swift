import Contract
import JSONText
import Manifest
import Testing

@testable import Commands

@Suite("validate")
struct ValidateTests {
    private static let machine = """
        {"apiVersion": "blixard.dev/v1", "kind": "VirtualMachine", "metadata": {"name": "web"}, "spec": {
          "boot": {"kernel": "linux", "initrd": "initrd"},
          "disks": [{"name": "root", "size": "1Gi"}, {"name": "data", "size": "1Gi", "image": "base"}],
          "nodeName": "node-1"
        }}
        """
    private static let yaml = """
        apiVersion: blixard.dev/v1
        kind: VirtualMachine
        metadata: {name: db}
        spec:
          disks:
          - {name: root, size: 1Gi, image: bsae}
        """

    private static func image(_ name: String) -> String {
        """
        {"apiVersion": "blixard.dev/v1", "kind": "Image", "metadata": {"name": "\(name)"}, "spec": {
          "source": "/images/a", "format": "raw", "digest": "sha256:\(String(repeating: "5c", count: 32))"}}
        """
    }

    @Test("a name that no document declares is a warning at its place, and the exit code stays 0")
    func warnings() async {
        let bench = Bench()
        let file = bench.file("a.json", Self.machine)
        let result = await bench.run("validate", "-f", file)
        #expect(result.code == 0)
        #expect(result.output == "virtualmachine.blixard.dev/web valid\n")
        func line(_ place: String, _ field: String, _ target: String) -> String {
            "warning: \(file):\(place): VirtualMachine default/web: spec.\(field): no document declares the \(target)\n"
        }
        #expect(
            result.errors == line("2:22", "boot.kernel", "Image \"linux\"")
                + line("2:41", "boot.initrd", "Image \"initrd\"")
                + line("3:87", "disks[1].image", "Image \"base\"") + line("4:15", "nodeName", "Node \"node-1\""))
        #expect(bench.connection.calls.isEmpty)
    }

    @Test("with --strict warnings are errors, and nothing is said to be valid")
    func strict() async {
        let bench = Bench()
        let file = bench.file("a.yaml", Self.yaml)
        let base = bench.file("b.json", Self.image("base"))
        let result = await bench.run("validate", "-f", file, "-f", base, "--strict")
        #expect(result.code == 1)
        #expect(result.output == "")
        #expect(
            result.errors == """
                error: \(file):6:36: VirtualMachine default/db: spec.disks[0].image: no document declares the Image \
                "bsae"; did you mean "base"?
                1 error; nothing was changed

                """)
    }

    @Test("what is declared or assumed is no warning, by its name or by its kind")
    func assumed() async {
        let bench = Bench()
        let file = bench.file("a.json", Self.machine)
        let linux = bench.file("b.json", Self.image("linux"))
        let named = await bench.run(
            "validate", "--strict", "-f", file, "-f", linux, "--assume", "image/initrd", "--assume=img/base",
            "--assume", "nodes/node-1")
        #expect(named.code == 0)
        #expect(named.errors == "")
        let kinds = await bench.run("validate", "--strict", "-f", file, "--assume", "Images", "--assume", "node")
        #expect(kinds.code == 0, "\(kinds)")
        let other = await bench.run("validate", "--strict", "-f", file, "--assume", "images", "--assume", "node/node-2")
        #expect(other.errors.contains("the Node \"node-1\"\n1 error;"), "\(other)")
    }

    @Test(
        "an assumption that can never hold is an error",
        arguments: [
            ("imges", "names no kind, did you mean \"image"), ("image/", "names no Image: "),
            ("image/A", "names no Image: "), ("zzzzzzzz", "names no kind: there are events, gitrepositories, images"),
            ("image/a/b", "names no Image: "),
        ])
    func wrongAssumption(word: String, problem: String) async {
        let bench = Bench()
        let result = await bench.run("validate", "-f", bench.file("a.json", Self.machine), "--assume", word)
        #expect(result.code == 1)
        #expect(result.errors.hasPrefix("error: --assume \"\(word)\" \(problem)"), "\(result.errors)")
    }

    @Test("the report for programs counts objects by kind and has each warning with its place")
    func report() async throws {
        let bench = Bench()
        let file = bench.file("a.yaml", Self.yaml)
        let base = bench.file("b.json", "[\(Self.image("a")), \(Self.image("b"))]")
        let result = await bench.run("validate", "-f", file, "-f", base, "-o", "json")
        #expect(result.code == 0)
        #expect(result.errors == "")
        let expected: JSON = [
            "valid": true, "objects": ["Image": 2, "VirtualMachine": 1], "errors": [], "omittedErrors": 0,
            "warnings": [
                [
                    "source": .string(file), "line": 6, "column": 36, "object": "VirtualMachine default/db",
                    "field": "spec.disks[0].image", "reason": "ReferenceNotFound",
                    "message": "spec.disks[0].image: no document declares the Image \"bsae\"",
                ]
            ], "omittedWarnings": 0,
        ]
        #expect(try JSON(parsing: result.outputBytes) == expected)
        let strict = await bench.run("validate", "-f", file, "-f", base, "-o", "json", "--strict")
        #expect(strict.code == 1)
        #expect(strict.errors == "")
        #expect(try JSON(parsing: strict.outputBytes)["valid"] == false)
    }

    @Test("the report for programs has each error, of text and of fields, and then no warnings")
    func errorReport() async throws {
        let bench = Bench()
        let broken = bench.file("a.yaml", "a: b: c")
        let wrong = bench.file("b.json", Self.machine.replacing("\"node-1\"", with: "7"))
        let result = await bench.run(
            "validate", "-f", wrong, "-f", broken, "-f", bench.file("c.json", Self.image("c")), "-o", "json")
        #expect(result.code == 1)
        #expect(result.errors == "")
        let report = try JSON(parsing: result.outputBytes)
        #expect(report["valid"] == false)
        #expect(report["objects"] == ["Image": 1])
        #expect(report["warnings"] == [])
        let errors = try #require(report["errors"]?.array)
        #expect(errors.map { $0["source"]?.string } == [wrong, broken])
        #expect(errors.map { $0["reason"]?.string } == ["FieldValueTypeInvalid", "MalformedDocument"])
        #expect(errors[0]["field"] == "spec.nodeName")
        #expect(errors[0]["line"] == 4)
        #expect(await bench.run("validate", "-f", wrong, "-o", "wide").errors.contains("-o wide is not for validate"))
        #expect(await bench.run("validate", "-f", wrong, "-o", "yaml").output.hasPrefix("valid: false\n"))
    }

    @Test("documents that are too large for one apply are refused as a node would refuse their request")
    func size() throws {
        let source = ManifestSource(name: "a.json", bytes: Array("[\(Self.image("a")), \(Self.image("b"))]".utf8))
        let inspection = ManifestReader(namespace: "default", namespaceIsBinding: false).inspect(
            [source], assuming: nil)
        let request = ApplyRequest(
            identity: WriteIdentity(), documents: inspection.documents.map(\.json),
            sources: inspection.documents.map(\.source))
        let bytes = request.json.canonicalBytes.count
        #expect(inspection.checkedForOneApply(limit: bytes).errors == [])
        let errors = inspection.checkedForOneApply(limit: bytes - 1).errors
        #expect(errors.map(\.reason) == [.tooLong])
        #expect(errors[0].detail.contains("\(bytes) bytes in all as one apply: may not be more than \(bytes - 1)"))
    }
}
