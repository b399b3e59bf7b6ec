import ArgumentParser
import Contract
import Fleet
import JSONText
import Testing

@testable import Commands

/// What each verb that edits desired state answers and sends, whatever the strategy and the state of the machine.
@Suite("Answers of verbs")
struct VerbAnswerTests {
    struct Row: Sendable, CustomTestStringConvertible {
        /// `FILE` stands for a manifest.
        var line: [String]
        var answer: String
        /// Of the write; nil where there is nothing to write.
        var sent: String?

        init(_ line: String, _ answer: String, _ sent: String?) {
            self.line = line.split(separator: " ").map(String.init)
            self.answer = answer
            self.sent = sent
        }

        var testDescription: String { line.joined(separator: " ") }
    }

    private static let web = "virtualmachine.blixard.dev/web"
    private static let node = "node.blixard.dev/node-1"
    /// Machines are not stopped by hand, `node-1` is not cordoned and `node-2` is, and the label `tier` is `back`.
    static let rows = [
        Row("cordon node-1", "\(node) cordoned", #"PATCH {"unschedulable":true}"#),
        Row("cordon node-2", "node.blixard.dev/node-2 already cordoned", nil),
        Row("uncordon node-1", "\(node) already uncordoned", nil),
        Row("uncordon node-2", "node.blixard.dev/node-2 uncordoned", #"PATCH {"unschedulable":null}"#),
        Row("label vm web tier=back", "\(web) not labeled", nil),
        Row("label vm web tier=front --overwrite", "\(web) labeled", #"PATCH {"tier":"front"}"#),
        Row("label vm web tier-", "\(web) labeled", #"PATCH {"tier":null}"#),
        Row("label vm web rack=a", "\(web) labeled", #"PATCH {"rack":"a"}"#),
        Row("annotate vm web note=a", "\(web) annotated", #"PATCH {"note":"a"}"#),
        Row("patch vm web -p {\"spec\":{\"vcpus\":2}}", "\(web) patched (no change)", #"PATCH {"vcpus":2}"#),
        Row("create -f FILE", "\(web) created", "POST virtualmachines"),
        Row("replace -f FILE --dry-run=server", "\(web) replaced (server dry run)", "PUT web"),
        // The editor changes nothing.
        Row("edit vm web", "Edit cancelled, no changes made.", nil),
        Row("apply -f FILE", "\(web) configured", "POST apply"),
        Row("apply -f FILE --dry-run=server", "\(web) configured (server dry run)", "POST apply"),
        Row("vm create web", "\(web) created", "POST virtualmachines"),
        Row(
            "delete vm web --no-wait", "virtualmachine.blixard.dev \"web\" deleted from default namespace",
            "POST delete"),
        Row(
            "vm delete web --no-wait", "virtualmachine.blixard.dev \"web\" deleted from default namespace",
            "POST delete"),
        Row("vm stop web", "\(web) stopping", #"PATCH {"stopped":true}"#),
        Row("vm start web", "\(web) starting", "POST start"),
        Row("vm restart web", "\(web) starting", "POST restart"),
    ]

    /// Commands that read, run something, or are about members, keys and tickets.
    static let others: Set<String> = [
        "get", "describe", "wait", "logs", "events", "diff", "plan", "rollout history", "rollout show", "rollout diff",
        // Applies a revision of a set; SetCommandTests has it.
        "rollout undo",
        // Changes nothing by itself; ReconcileCommandTests has it.
        "reconcile", "validate", "explain", "api-resources", "version",
        "completion", "journal inspect", "journal verify", "config get-contexts", "config current-context",
        "config use-context", "vm list", "vm status", "vm logs", "cluster status", "up", "down", "node", "cluster init",
        "cluster remove", "ticket create", "access list", "access grant", "access revoke",
        "auth whoami", "auth can-i", "export", "cluster rotate-secrets-key",
    ]

    @Test("every command has a row, or edits no machine and no node")
    func complete() {
        var missing: [String] = []
        var open: [(any ParsableCommand.Type, [String])] = [(Blixard.self, [])]
        while let (command, path) = open.popLast() {
            for inner in command.configuration.subcommands { open.append((inner, path + [inner._commandName])) }
            let name = path.joined(separator: " ")
            guard command is any ProgramCommand.Type, !Self.others.contains(name) else { continue }
            if !Self.rows.contains(where: { Array($0.line.prefix(path.count)) == path }) { missing.append(name) }
        }
        #expect(missing == [])
    }

    @Test("a verb answers what its row says and sends that once", arguments: rows)
    func answer(row: Row) async {
        for strategy in ["Always", "RerunOnFailure", "Once", "Manual"] {
            for phase in ["Pending", "Running", "Stopping", "Stopped", "CrashLoopBackOff", "Paused", "Unknown"] {
                let bench = bench(strategy, phase)
                let file = bench.file("m.json", Samples.manifest)
                let result = await bench.run(row.line.map { $0 == "FILE" ? file : $0 })
                let name = "\(row.testDescription), \(strategy), \(phase): \(result)"
                #expect(result == Bench.Result(code: 0, output: row.answer + "\n", errors: ""), "\(name)")
                #expect(sent(bench) == [row.sent].compactMap(\.self), "\(name)")
            }
        }
    }

    private func bench(_ strategy: String, _ phase: String) -> Bench {
        Bench(
            FakeConnection { call in
                switch call.path {
                case "/blixard/v1/cluster": return Samples.cluster
                case "/blixard/v1/apply": return Samples.applied("web", .configured)
                case "/blixard/v1/delete": return Samples.applied("web", .terminating)
                case let path where path.hasSuffix("start"): return MachineVerbAnswer(outcome: .starting).json
                case let path where path.contains("/nodes/"):
                    let name = path.split(separator: "/").last.map(String.init) ?? ""
                    return [
                        "kind": "Node", "metadata": ["name": .string(name), "resourceVersion": "12"],
                        "spec": name == "node-2" ? ["unschedulable": true] : [:],
                    ]
                default:
                    var machine = Samples.machine("web", phase: phase, ready: "False", runStrategy: strategy)
                    machine["metadata"]?["labels"] = ["tier": "back"]
                    return machine
                }
            })
    }

    private func sent(_ bench: Bench) -> [String] {
        bench.connection.writes.map { call in
            let leaf = call.path.split(separator: "/").last ?? ""
            guard call.method == "PATCH" else { return "\(call.method) \(leaf)" }
            let metadata = call.body?["metadata"]
            let patch = call.body?["spec"] ?? metadata?["labels"] ?? metadata?["annotations"] ?? .null
            return "PATCH " + String(decoding: patch.canonicalBytes, as: UTF8.self)
        }
    }
}
