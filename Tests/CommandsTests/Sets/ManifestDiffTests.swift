import Contract
import Fleet
import Glibc
import JSONText
import Manifest
import Primitives
import Synchronization
import TestFiles
import Testing

@testable import Commands

@Suite("diff -o diff")
struct ManifestDiffTests {
    private static let manifests = """
        [{"apiVersion": "blixard.dev/v1", "kind": "VirtualMachine",
          "metadata": {"name": "web", "labels": {"app": "shop"}}, "spec": {"vcpus": 1, "memory": "128Mi"}},
         {"apiVersion": "blixard.dev/v1", "kind": "VirtualMachine", "metadata": {"name": "same"},
          "spec": {"vcpus": 1, "memory": "128Mi"}},
         {"apiVersion": "blixard.dev/v1", "kind": "VirtualMachine", "metadata": {"name": "new"}, "spec": {"vcpus": 2}}]
        """

    private static func live(_ name: String) -> JSON {
        var machine = Samples.machine(name)
        let schema = KindSchema.of(.virtualMachine)
        machine["spec"] = schema?.filled(spec: ["vcpus": 1, "memory": "128Mi"])
        return machine
    }

    /// A cluster that has the machines web, same and old, of which old is pruned and web gets a label.
    private static func answer(_ call: FakeConnection.Call) throws(ClientFailure) -> JSON {
        func object(_ name: String, _ operation: String, _ fields: [PlannedField] = []) -> PlannedObject {
            PlannedObject(
                key: KindInfo.virtualMachine.key(namespace: "default", name: name), operation: operation, message: nil,
                fields: fields)
        }
        guard call.path.hasSuffix("/plan") else {
            return live(call.path.split(separator: "/").last.map(String.init) ?? "")
        }
        return PlanAnswer(
            revision: 8,
            objects: [
                object(
                    "web", "configured",
                    [PlannedField(path: "metadata.labels.app", old: nil, new: "shop", update: "live")]),
                object("same", PlannedObject.unchanged), object("new", "created"), object("old", PlannedObject.pruned),
            ], actions: [], unknown: []
        ).json
    }

    private func bench(_ program: String? = nil) -> Bench {
        var bench = Bench(FakeConnection(respond: Self.answer))
        bench.environment["BLIXARD_EXTERNAL_DIFF"] = program
        bench.environment["TMPDIR"] = bench.directory.path + "/tmp"
        mkdir(bench.directory.path + "/tmp", 0o700)
        return bench
    }

    private func run(_ bench: Bench, _ verb: String, _ words: String...) async -> Bench.Result {
        await bench.run([verb, "-f", bench.file("m.json", Self.manifests), "-o", "diff"] + words)
    }

    private static func left(_ bench: Bench) -> [String] { TextFile.names(in: bench.directory.path + "/tmp") }

    @Test("changed labels alone are shown, what is new or gone is shown whole, and nothing of what stays")
    func builtIn() async {
        let result = await run(bench(), "diff")
        #expect(result.code == 1)
        #expect(result.output.contains("--- live/VirtualMachine.default.web\n"))
        #expect(result.output.contains("+  labels:\n+    app: shop\n"), "\(result.output)")
        #expect(!result.output.contains("same"))
        let new = result.output.split(separator: "+++ applied/VirtualMachine.default.new\n").last ?? ""
        #expect(new.hasPrefix("@@ -0,0 +1,"))
        #expect(result.output.contains("+++ applied/VirtualMachine.default.old\n@@ -1,"))
    }

    @Test("a program gets one file for each changed object in two directories for their owner alone, and nothing stays")
    func directories() async throws {
        let bench = bench("diff -u -N")
        let seen = Mutex<[String: String]>([:])
        let modes = Mutex<Set<UInt32>>([])
        bench.processes.differ.withLock { differ in
            differ = { command, live, applied in
                func mode(_ path: String) -> UInt32 {
                    var status = stat()
                    stat(path, &status)
                    return status.st_mode & 0o777
                }
                for directory in [live, applied] {
                    let title = directory.split(separator: "/").last ?? ""
                    let parent = String(directory.dropLast(title.count + 1))
                    modes.withLock { $0.formUnion([mode(directory), mode(parent)]) }
                    for name in TextFile.names(in: directory) {
                        let text = TextFile.read(directory + "/" + name) ?? "missing"
                        modes.withLock { _ = $0.insert(mode(directory + "/" + name)) }
                        seen.withLock { $0["\(title.prefix { $0 != "-" })/\(name)"] = text }
                    }
                }
                return ProcessEnding(text: "exit code 1", exitCode: command == "diff -u -N" ? 1 : 9)
            }
        }
        let result = await run(bench, "diff")
        #expect(result == Bench.Result(code: 1, output: "", errors: ""))
        let files = seen.withLock { $0 }
        #expect(
            files.keys.sorted()
                == ["APPLIED", "LIVE"].flatMap { place in
                    ["new", "old", "web"].map { "\(place)/VirtualMachine.default.\($0)" }
                })
        #expect(modes.withLock { $0 } == [0o700, 0o600])
        #expect(files["LIVE/VirtualMachine.default.new"] == "" && files["APPLIED/VirtualMachine.default.old"] == "")
        let before = try #require(files["LIVE/VirtualMachine.default.web"])
        let after = try #require(files["APPLIED/VirtualMachine.default.web"])
        #expect(after.replacing("  labels:\n    app: shop\n", with: "") == before)
        #expect(Self.left(bench) == [])
    }

    @Test(
        "what the program found is what the command ends with",
        arguments: [
            (Int32?.some(0), Int32(0), Int32(0)), (1, 1, 2), (2, 2, 1), (127, 2, 1), (nil, 2, 1),
        ])
    func verdict(code: Int32?, diff: Int32, plan: Int32) async {
        let bench = bench("differ")
        bench.processes.differ.withLock { differ in
            differ = { _, live, _ in
                // What the program leaves goes too.
                mkdir(live + "/left", 0o700)
                symlink("/", live + "/left/root")
                return ProcessEnding(text: "end \(code ?? -1)", exitCode: code)
            }
        }
        let result = await run(bench, "diff")
        #expect(result.code == diff)
        let isFailure = code == nil || code ?? 0 > 1
        #expect(
            result.errors == (isFailure ? "error: BLIXARD_EXTERNAL_DIFF: \"differ\" failed: end \(code ?? -1)\n" : ""))
        #expect(await run(bench, "plan", "--detailed-exitcode").code == plan)
        #expect(Self.left(bench) == [])
    }

    @Test("where no directory can be made that is said")
    func noPlace() async {
        var bench = bench("differ")
        bench.environment["TMPDIR"] = "/nowhere"
        let result = await run(bench, "diff")
        #expect(result.code == 2)
        #expect(result.errors.hasPrefix("error: BLIXARD_EXTERNAL_DIFF: /nowhere: no directory can be made in it"))
    }
}
