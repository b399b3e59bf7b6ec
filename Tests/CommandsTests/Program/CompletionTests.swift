import Contract
import JSONText
import Testing

@testable import Commands

@Suite("Completion")
struct CompletionTests {
    /// What a shell gets for a command line whose last word is completed.
    private func candidates(_ bench: Bench, _ verbs: [String], _ words: [String]) async -> [String] {
        let line = ["blixard"] + words
        let request = ["---completion"] + verbs + ["--", "positional@0", String(line.count - 1), "0"] + line
        let result = await bench.run(request)
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.errors == "")
        return result.output.split(separator: "\n").map(String.init)
    }

    private var bench: Bench {
        var bench = Bench(
            FakeConnection { call throws(ClientFailure) in
                switch call.path.split(separator: "/").last {
                case "virtualmachines": Samples.list(["web-1", "web-2", "db", "a\u{1b}"].map { Samples.machine($0) })
                case "nodes": Samples.list([["metadata": ["name": "node-1"]]], kind: "NodeList")
                default: throw .notFound("x", "y")
                }
            })
        // The cluster answers before a shell's user has waited long enough.
        bench.clock = FakeClock(stands: true)
        return bench
    }

    @Test("completion offers kinds, then the names of that kind's objects that begin as typed")
    func objects() async {
        func expect(_ verbs: [String], _ words: [String], _ wanted: [String]) async {
            let found = await candidates(bench, verbs, words)
            #expect(found == wanted, "\(words)")
        }
        await expect(["get"], ["get", "no"], ["no", "node", "nodes"])
        await expect(["get"], ["get", "vm", ""], ["db", "web-1", "web-2"])
        await expect(["get"], ["get", "-o", "json", "vm", "web-1", "w"], ["web-1", "web-2"])
        await expect(["describe"], ["describe", "vm/w"], ["vm/web-1", "vm/web-2"])
        await expect(["vm", "stop"], ["vm", "stop", "d"], ["db"])
        await expect(["cordon"], ["cordon", ""], ["node-1"])
        await expect(["logs"], ["logs", "web-2"], ["web-2"])
        await expect(["get"], ["get", "zzz", ""], [])
        // As fish asks for a word that is not begun yet.
        await expect(["get"], ["get", "vm", "''"], ["db", "web-1", "web-2"])
        await expect(["logs"], ["logs", "''"], ["db", "web-1", "web-2"])
    }

    @Test("completion asks the cluster and the namespace that the line names, and only for what is known")
    func cluster() async {
        let bench = bench
        _ = await candidates(bench, ["get"], ["get", "vm", "-n", "prod", "--addr", "h:1", "w"])
        #expect(bench.connection.calls.map(\.path) == ["/apis/blixard.dev/v1/namespaces/prod/virtualmachines"])
        #expect(bench.connection.calls.first?.query == ["consistency": "stale"])
        #expect(bench.access.requests.first?.address == "h:1")
    }

    @Test("completion says nothing without an answer, or when the line is wrong")
    func silence() async {
        let lost = Bench(FakeConnection { _ throws(ClientFailure) in throw .unreachable([]) })
        #expect(await candidates(lost, ["get"], ["get", "vm", ""]) == [])
        #expect(await candidates(bench, ["get"], ["get", "vm", "--expect-key", "x", "w"]) == [])
        var homeless = Bench()
        homeless.environment = [:]
        #expect(await candidates(homeless, ["get"], ["get", "vm", ""]) == [])
    }

    @Test("completion is asked for by the scripts of all shells", arguments: ["bash", "zsh", "fish"])
    func scripts(shell: String) async {
        let script = await Bench().run("completion", shell).output
        #expect(script.contains("---completion get --"), "\(script.prefix(200))")
        #expect(script.contains("---completion vm stop --"))
    }
}
