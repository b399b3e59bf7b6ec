import Contract
import JSONText
import Testing

@testable import Commands

@Suite("patch")
struct PatchTests {
    private let web = "/apis/blixard.dev/v1/namespaces/default/virtualmachines/web"

    private func bench(_ respond: @escaping FakeConnection.Responder) -> Bench {
        Bench(
            FakeConnection { call throws(ClientFailure) in
                call.path == "/blixard/v1/cluster" ? Samples.cluster : try respond(call)
            })
    }

    /// A machine whose patch has this effect on its version.
    private func patched(to version: String = "13") -> Bench {
        bench { call in
            var machine = Samples.machine("web")
            if call.method == "PATCH" { machine["metadata"]?["resourceVersion"] = .string(version) }
            return machine
        }
    }

    @Test("a merge patch is sent as it was written, as JSON or YAML")
    func merge() async {
        let bench = patched()
        let json = await bench.run("patch", "vm", "web", "-p", #"{"spec":{"vcpus":2}}"#)
        #expect(json == Bench.Result(code: 0, output: "virtualmachine.blixard.dev/web patched\n", errors: ""))
        let yaml = await bench.run("patch", "vm/web", "--patch", "spec:\n  vcpus: 2\n", "--dry-run=server")
        #expect(yaml.output == "virtualmachine.blixard.dev/web patched (server dry run)\n")
        let file = await bench.run("patch", "vm/web", "--patch-file", bench.file("patch.yaml", "spec: {vcpus: 2}\n"))
        #expect(file.code == 0)
        let writes = bench.connection.writes
        #expect(writes.count == 3)
        for write in writes {
            #expect(write.path == web && write.contentType == MediaType.mergePatch)
            #expect(write.body == ["spec": ["vcpus": 2]])
            #expect(write.request != nil)
        }
        #expect(writes.map { $0.query["dryRun"] } == [nil, "All", nil])
    }

    @Test("a patch that changes nothing says so")
    func nothing() async {
        let result = await patched(to: "12").run("patch", "vm", "web", "-p", "{}")
        #expect(result.output == "virtualmachine.blixard.dev/web patched (no change)\n")
    }

    @Test("a JSON patch has its own type, and the object that it makes can be printed")
    func json() async {
        let bench = patched()
        let patch = #"[{"op":"replace","path":"/spec/vcpus","value":2}]"#
        let result = await bench.run(
            "patch", "vm", "web", "--type=json", "-p", patch, "-o", "jsonpath={.metadata.name}")
        #expect(result.output == "web")
        #expect(bench.connection.writes[0].contentType == MediaType.jsonPatch)
        #expect(bench.connection.writes[0].body?[0]?["op"] == "replace")
    }

    @Test(
        "what can't be meant is refused before anything is asked",
        arguments: [
            (["-p", "[]"], "--patch: a merge patch must be an object, found an array"),
            (["--type", "json", "-p", "{}"], "--patch: a json patch must be an array, found an object"),
            (["--type", "strategic", "-p", "{}"], "--type=strategic is not supported"),
            ([], "must specify --patch or --patch-file"),
            (["-p", "{}", "--patch-file", "x"], "cannot specify --patch and --patch-file together"),
            (["-p", "{\"a\":"], "--patch:1:6: found end of text"),
            (["-p", "a: 1\n---\nb: 2\n"], "must hold one value, found 2"),
            (["--patch-file", "/nowhere/patch"], "/nowhere/patch"),
        ])
    func refused(words: [String], error: String) async {
        let bench = patched()
        let result = await bench.run(["patch", "vm", "web"] + words)
        #expect(result.code == 1)
        #expect(result.errors.contains(error), "\(result.errors)")
        #expect(bench.connection.calls.isEmpty)
    }
}
