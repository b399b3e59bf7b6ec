import ArgumentParser
import Contract
import JSONText
import Primitives
import TestFiles
import Testing

@testable import Commands

/// Whatever others write, and wherever a command takes it from: people see it, and their terminal only prints it.
@Suite("Text of others")
struct HostileTextTests {
    /// Command lines of every command that asks a cluster; `FILE` stands for a manifest.
    static let lines: [[String]] = [
        ["get", "vms"], ["get", "vms", "-o", "wide", "-A"], ["get", "vms", "-o", "json"], ["get", "vms", "-o", "yaml"],
        ["get", "vms", "-o", "name"], ["get", "vms", "-o", "custom-columns=N:.metadata.name,L:.metadata.labels"],
        ["get", "vms", "-o", "jsonpath={.items[*]}"], ["get", "vms", "-o", "jsonpath={.items[0].metadata.name}"],
        ["get", "vm", "web"], ["get", "vms,nodes"], ["get", "vms", "-w"], ["get", "vms", "-w", "-o", "json"],
        ["get", "vms", "-w", "-o", "name"], ["get", "events"], ["describe", "vm", "web"], ["describe", "vms"],
        ["events"], ["events", "-A"], ["events", "-o", "yaml"], ["diff"], ["diff", "-f", "FILE"],
        ["diff", "-o", "json"], ["diff", "-f", "FILE", "-o", "markdown"], ["plan", "-f", "FILE"],
        ["plan", "-f", "FILE", "-o", "diff"], ["rollout", "history", "set/prod"],
        ["rollout", "history", "set/prod", "-o", "json"], ["rollout", "show", "set/prod"],
        ["rollout", "diff", "set/prod"], ["rollout", "undo", "set/prod"], ["apply", "-f", "FILE"],
        ["reconcile", "git/infra"], ["reconcile", "git/infra", "--wait", "--timeout", "1s"],
        ["apply", "-f", "FILE", "-o", "name"],
        ["apply", "-f", "FILE", "--wait", "--timeout", "1s"], ["delete", "vm", "web", "--timeout", "1s"],
        ["delete", "vms", "--all", "--timeout", "1s"], ["delete", "-f", "FILE", "--no-wait"],
        ["wait", "--for=condition=Ready", "vm/web", "--timeout", "1s"],
        ["wait", "--for=jsonpath={.metadata.name}=x", "vm/web", "--timeout", "1s"], ["logs", "web"],
        ["label", "vm", "web", "a=b", "--overwrite"], ["cordon", "node-1"], ["uncordon", "node-1"], ["vm", "list"],
        ["vm", "status", "web"], ["vm", "status", "web", "-o", "yaml"], ["vm", "create", "web"],
        ["vm", "start", "web"], ["vm", "stop", "web"], ["vm", "restart", "web"],
        ["vm", "delete", "web", "--timeout", "1s"], ["vm", "logs", "web"], ["cluster", "status"],
        ["cluster", "status", "-o", "json"], ["cluster", "remove", "node-3"],
        ["cluster", "remove", "node-3", "--id", "3"], ["cluster", "rotate-secrets-key"],
        ["get", "secret", "db", "--reveal"], ["get", "secret", "db", "--reveal", "-o", "yaml"],
        ["describe", "secret", "db"], ["ticket", "create"], ["ticket", "create", "-o", "json"],
        ["access", "list"], ["access", "list", "-o", "yaml"], ["access", "revoke", String(repeating: "0a", count: 32)],
        ["access", "grant", String(repeating: "0a", count: 32), "--role", "viewer"], ["version"],
        ["version", "-o", "yaml"], ["auth", "whoami"], ["auth", "can-i", "get", "vms"], ["auth", "can-i", "--list"],
        ["export"], ["export", "vm", "web", "-o", "json"], ["annotate", "vm", "web", "a=b", "--overwrite"],
        ["patch", "vm", "web", "-p", "{}"], ["patch", "vm", "web", "-p", "{}", "-o", "yaml"], ["edit", "vm", "web"],
        ["create", "-f", "FILE"], ["create", "-f", "FILE", "-o", "json"], ["replace", "-f", "FILE"],
        ["get", "vms", "--show-labels", "-L", "a"], ["get", "vms", "--sort-by=.metadata.name"], ["events", "-w"],
    ]

    /// Commands that ask no cluster, or one that they start: what they show comes from this host.
    static let local: Set<String> = [
        "up", "down", "node", "explain", "api-resources", "validate", "completion", "cluster init",
        "config get-contexts", "config current-context", "config use-context", "journal inspect", "journal verify",
    ]

    @Test("every command is tried with hostile text")
    func complete() {
        var missing: [String] = []
        var open: [(any ParsableCommand.Type, [String])] = [(Blixard.self, [])]
        while let (command, path) = open.popLast() {
            for inner in command.configuration.subcommands {
                open.append((inner, path + [inner._commandName]))
            }
            guard command is any ProgramCommand.Type, !Self.local.contains(path.joined(separator: " ")) else {
                continue
            }
            if !Self.lines.contains(where: { Array($0.prefix(path.count)) == path }) {
                missing.append(path.joined(separator: " "))
            }
        }
        #expect(missing == [])
    }

    /// Runs a line on a terminal and elsewhere, and finds what of the answers got through.
    private func faults(
        _ line: [String], watched: [Bool] = [true, false], _ connection: () -> FakeConnection
    ) async -> [String] {
        var faults: [String] = []
        // A terminal needs all that other readers do.
        for isWatched in watched {
            var bench = Bench(connection())
            bench.outputIsWatched = isWatched
            bench.errorsAreWatched = false
            let file = bench.file("m.json", Samples.manifest)
            let result = await bench.run(line.map { $0 == "FILE" ? file : $0 })
            faults += HostileText.faults(in: result.errors).map { "\(line) says \($0)" }
            // A program that reads values or a log gets them as they are, and people all of their lines.
            let isExact = line.contains { $0.hasPrefix("jsonpath=") } || line.contains("logs")
            if isExact {
                let others = result.output.unicodeScalars.filter { !$0.isHarmless && !["\n", "\t"].contains($0) }
                if isWatched, !others.isEmpty { faults.append("\(line) prints \(others.map(\.value))") }
            } else {
                faults += HostileText.faults(in: Self.withoutOwnColors(result.output)).map { "\(line) prints \($0)" }
            }
        }
        return faults
    }

    /// The sequences by which plans are coloured where people watch.
    private static func withoutOwnColors(_ text: String) -> String {
        var rest = Substring(text)
        var plain = ""
        while let escape = rest.firstIndex(of: "\u{1B}") {
            plain += rest[..<escape]
            rest = rest[escape...]
            if let own = ["31", "32", "33", "36", "0"].map({ "\u{1B}[\($0)m" }).first(where: rest.hasPrefix) {
                rest.removeFirst(own.count)
            } else {
                plain.append(rest.removeFirst())
            }
        }
        return plain + rest
    }

    @Test("hostile text in answers is harmless in whatever a command prints", arguments: lines)
    func answers(line: [String]) async {
        let watched: JSON = ["type": "MODIFIED", "object": HostileText.object]
        let faults = await faults(line) {
            line.contains("-w")
                ? FakeConnection(streams: [[watched]]) { HostileText.answer($0) }
                : FakeConnection(log: FakeConnection.Log(pieces: [Array(HostileText.text.utf8), [0xff, 0x1b]])) {
                    HostileText.answer($0)
                }
        }
        #expect(faults == [])
    }

    @Test("hostile text in refusals and failures is harmless in whatever a command says", arguments: lines)
    func failures(line: [String]) async {
        // How a failure is said is the same everywhere; what a command adds to it depends on few of them.
        let failures = line == ["get", "vms"] ? HostileText.failures : HostileText.failuresThatCommandsExplain
        for failure in failures {
            // A watch that may go on never ends.
            if line.contains("-w"), failure.isTransient { continue }
            let faults = await faults(line, watched: [true]) {
                FakeConnection { call throws(ClientFailure) in
                    // Reads that come before a write are answered, so that the write is refused.
                    guard call.method != "GET" || !["apply", "delete", "vm", "label", "cordon"].contains(line[0]) else {
                        return HostileText.answer(call)
                    }
                    throw failure
                }
            }
            #expect(faults == [], "\(failure)")
        }
    }

    @Test("hostile text as the value of any argument is harmless in errors")
    func arguments() async {
        let bench = Bench(
            FakeConnection { _ throws(ClientFailure) in throw .refusal("NotFound", "no", code: 404) })
        // Flags that many commands share are tried once.
        var seen: Set<String> = []
        for place in EmptyArgumentTests.places {
            if let option = place.option, !seen.insert(option).inserted { continue }
            for line in [
                place.command + (place.option.map { [$0] } ?? []) + [HostileText.text],
                place.command + (place.option.map { ["\($0)=\(HostileText.text)"] } ?? ["vm", HostileText.text]),
            ] {
                let result = await bench.run(line)
                #expect(HostileText.faults(in: result.errors) == [], "\(line)")
                #expect(HostileText.faults(in: result.output) == [], "\(line)")
            }
        }
    }

    @Test("hostile text in names of files, in files and in contexts is harmless")
    func files() async {
        // The name of a file holds everything but zero and slash.
        let name = HostileText.text.replacing("\u{0}", with: "")
        var bench = Bench()
        let broken = bench.file(
            "\(name).json", #"{"apiVersion": "blixard.dev/v1", "kind": "\#u{1b}[1m", "\#u{202e}": 1}"#)
        let yaml = bench.file(
            "b.yaml", "apiVersion: blixard.dev/v1\nkind: VirtualMachine\n\"\\e[1m\": 1\n? \"\\u202e\"\n")
        let contexts = bench.file(
            "contexts.json",
            JSON.object([
                "current": .string(HostileText.text),
                "contexts": [
                    [
                        "name": .string(HostileText.text), "cluster_id": .string(HostileText.text),
                        "identity": .string(HostileText.text), "members": [],
                    ]
                ],
            ]).prettyText)
        bench.environment["BLIXARD_CONTEXT"] = contexts
        for line in [
            ["validate", "-f", broken], ["validate", "-f", yaml], ["validate", "-f", bench.directory.path],
            ["config", "get-contexts"], ["config", "current-context"], ["config", "use-context", "x"],
            ["config", "use-context", HostileText.text], ["get", "vms", "--context", "x"],
            ["node", "--config", broken],
            ["node", "--config", yaml], ["journal", "verify", broken],
        ] {
            let result = await bench.run(line)
            #expect(HostileText.faults(in: result.errors) == [], "\(line)")
            #expect(HostileText.faults(in: result.output) == [], "\(line)")
        }
    }
}
