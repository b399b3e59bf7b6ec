import Contract
import EdgeValues
import Fleet
import JSONText
import Manifest
import Primitives
import Testing

@testable import Commands

@Suite("export")
struct ExportTests {
    /// A machine as a server shows one, with labels and a status.
    private static func machine(_ name: String, namespace: String = "default", deleted: Bool = false) -> JSON {
        var machine = Samples.machine(name)
        machine["metadata"]?["namespace"] = .string(namespace)
        machine["metadata"]?["labels"] = ["app": "web"]
        machine["spec"]?["vcpus"] = 2
        if deleted { machine["metadata"]?["deletionTimestamp"] = "2027-01-15T07:59:00Z" }
        return machine
    }

    @Test("a manifest holds what a user could have written, and nothing that stands at its default")
    func clean() async {
        let bench = Bench(FakeConnection { _ in Self.machine("web") })
        let result = await bench.run("export", "vm/web")
        #expect(
            result.output == """
                apiVersion: blixard.dev/v1
                kind: VirtualMachine
                metadata:
                  name: web
                  namespace: default
                  labels:
                    app: web
                spec:
                  vcpus: 2

                """, "\(result.output)")
        let json = await bench.run("export", "vm/web", "-o", "json")
        #expect((try? JSON(parsing: json.output))?["spec"] == ["vcpus": 2])
    }

    @Test("everything that manifests can hold is exported, without what is being deleted")
    func everything() async {
        let bench = Bench(
            FakeConnection { call in
                guard call.path.hasSuffix("virtualmachines") else { return Samples.list([], kind: "NodeList") }
                return Samples.list([Self.machine("web"), Self.machine("db"), Self.machine("old", deleted: true)])
            })
        let result = await bench.run("export", "-A", "-l", "app=web")
        #expect(result.output.split(separator: "\n").filter { $0 == "---" }.count == 1)
        #expect(result.errors == "Warning: virtualmachine.blixard.dev/old is being deleted, and is left out\n")
        let paths = bench.connection.calls.map(\.path)
        #expect(
            paths
                == ["gitrepositories", "images", "nodes", "secrets", "virtualmachines"].map {
                    "/apis/blixard.dev/v1/\($0)"
                })
        #expect(bench.connection.calls.allSatisfy { $0.query["labelSelector"] == "app=web" })
        let nothing = await Bench(FakeConnection { _ in Samples.list([]) }).run("export", "vms")
        #expect(nothing == Bench.Result(code: 0, output: "", errors: "No resources found in default namespace.\n"))
        for words in [["events"], ["vm", "web", "-l", "a=b"], ["vm/web", "-A"], ["vms", "-o", "name"]] {
            #expect(await bench.run(["export"] + words).code == 1)
        }
    }

    /// What a fleet would store of manifests that use fields at their edges.
    private static let stored = EdgeDocuments.all.enumerated().compactMap { position, edge in
        // Values beyond what a field may be are no manifests.
        edge.kind != .manifestSet && position.isMultiple(of: 3)
            ? (try? ManifestDocument(live: edge.named("edge-\(position)"))).map(sealed) : nil
    }

    /// A Secret as the cluster keeps it.
    private static func sealed(_ document: ManifestDocument) -> ManifestDocument {
        guard document.key.kind == KindInfo.secret.kind, let secret = try? SecretSpec(json: document.spec) else {
            return document
        }
        let sealed = secret.data.mapValues { SealedValue(version: 1, bytes: $0) }
        return ManifestDocument(
            key: document.key, labels: document.labels, annotations: document.annotations,
            spec: SecretSpec(sealed: sealed.merging(secret.sealed) { $1 }).json, source: document.source)
    }

    @Test("an apply of what was exported finds each object unchanged, in YAML and JSON", arguments: ["yaml", "json"])
    func roundTrip(form: String) async throws {
        let documents = Self.stored
        let kinds = Set(documents.map(\.key.kind))
        // Sets are printed by `rollout show`.
        #expect(documents.count > 100 && kinds == Set(KindInfo.writable.map(\.kind)).subtracting(["ManifestSet"]))
        let shown = documents.map { document in
            var object = document.json
            object["spec"] = KindSchema.of(KindInfo.named(document.key.kind)!)!.filled(spec: document.spec)
            object["metadata"]?["uid"] = .string(Samples.uid.description)
            object["metadata"]?["resourceVersion"] = "7"
            object["metadata"]?["generation"] = 3
            object["metadata"]?["creationTimestamp"] = "2027-01-15T07:58:00Z"
            object["status"] = ["phase": "Running", "conditions": []]
            return object
        }
        let stored = Dictionary(documents.map { ($0.key, $0.json) }) { first, _ in first }
        let bench = Bench(
            FakeConnection { call in
                if call.path == "/blixard/v1/cluster" { return Samples.cluster }
                if call.method == "POST" {
                    let applied = (call.body?["documents"]?.array ?? []).compactMap { try? ManifestDocument(live: $0) }
                    let same = applied.filter { document in
                        stored[document.key] == document.json
                    }
                    return Samples.applied(same.map(\.key), .unchanged)
                }
                let kind = KindInfo.all.first { call.path.hasSuffix("/\($0.plural)") }
                return Samples.list(shown.filter { $0["kind"]?.string == kind?.kind }, kind: "\(kind?.kind ?? "")List")
            })
        let exported = await bench.run("export", "-A", "-o", form)
        #expect(exported.code == 0, "\(exported.errors)")
        let applied = await bench.run("apply", "-f", bench.file("cluster.\(form)", exported.output))
        #expect(applied.code == 0, "\(applied.errors)")
        #expect(applied.output.split(separator: "\n").count == stored.count)
        #expect(applied.output.split(separator: "\n").allSatisfy { $0.hasSuffix(" unchanged") })
    }
}
