import ArgumentParser
import JSONText
import Testing

@testable import Commands

@Suite("Empty words of a command line")
struct EmptyArgumentTests {
    /// One argument of a command, as the parser lists them.
    struct Place: Sendable, CustomTestStringConvertible {
        var command: [String]
        /// Its spelling, with dashes; nil for a positional argument.
        var option: String?

        var testDescription: String { (command + [option ?? "<positional>"]).joined(separator: " ") }
    }

    /// Every argument that takes a value, of every command: what is added later is among them.
    static let places: [Place] = {
        // The help of a program that is ours always reads.
        let help = try! JSON(parsing: Blixard._dumpHelp())
        return places(of: help["command"] ?? .null, path: [])
    }()

    private static func places(of command: JSON, path: [String]) -> [Place] {
        var places: [Place] = []
        for argument in command["arguments"]?.array ?? [] {
            switch argument["kind"]?.string {
            case "positional": places.append(Place(command: path, option: nil))
            case "option":
                for name in argument["names"]?.array ?? [] {
                    let text = name["name"]?.string ?? ""
                    places.append(Place(command: path, option: (name["kind"]?.string == "long" ? "--" : "-") + text))
                }
            default: break
            }
        }
        for inner in command["subcommands"]?.array ?? [] {
            places += self.places(of: inner, path: path + [inner["commandName"]?.string ?? ""])
        }
        return places
    }

    @Test("empty words are errors for every argument of every command, and nothing is asked or started")
    func everywhere() async {
        #expect(Self.places.count > 100)
        let bench = Bench()
        for place in Self.places {
            var lines = [place.command + (place.option.map { [$0] } ?? []) + [""]]
            if let option = place.option { lines.append(place.command + ["\(option)="]) }
            for line in lines {
                let result = await bench.run(line)
                #expect(result.code != 0, "\(line)")
                #expect(result.output == "", "\(line)")
                #expect(result.errors.contains("empty"), "\(line): \(result.errors)")
                #expect(bench.connection.calls.isEmpty, "\(line)")
                #expect(bench.nodes.configurations.isEmpty, "\(line)")
                #expect(bench.processes.started.isEmpty, "\(line)")
            }
        }
    }

    @Test(
        "empty words are errors that say where they stand",
        arguments: [
            (["delete", "vms", "-l", "", "--no-wait"], "the word after \"-l\" is empty"),
            (["get", "vm", ""], "the word after \"vm\" is empty"),
            (["describe", "vm", ""], "the word after \"vm\" is empty"),
            (["delete", "vms", "--selector="], "--selector has an empty value"),
            (["delete", "vms", "-l="], "-l has an empty value"),
            ([""], "the first word is empty"),
            (["delete", "vm", "--", ""], "the word after \"--\" is empty"),
            (["delete", "vms", "-l", " \t"], "the word after \"-l\" is empty"),
            (["delete", "vms", "--selector= "], "--selector has an empty value"),
        ])
    func texts(line: [String], text: String) async {
        let bench = Bench()
        let result = await bench.run(line)
        #expect(result.code == 1)
        #expect(result.errors.hasPrefix("error: " + text), "\(result.errors)")
        #expect(bench.connection.calls.isEmpty)
    }

    @Test(
        "words that say nothing are errors of their own",
        arguments: [
            ["get", "vm/"], ["get", "/web"], ["get", "vms,"], ["cordon", "node/"], ["cordon", "vm/web"],
            ["vm", "stop", "vm/"], ["events", "--types", ","], ["logs", "/"],
        ])
    func nothing(line: [String]) async {
        let bench = Bench()
        let result = await bench.run(line)
        #expect(result.code == 1)
        #expect(result.errors.hasPrefix("error: "), "\(result.errors)")
        #expect(bench.connection.calls.isEmpty)
    }

    @Test("a label may have an empty value, because Kubernetes' labels may")
    func emptyLabel() async {
        let bench = Bench(
            FakeConnection { call in call.method == "GET" ? Samples.machine("web") : .object([:]) })
        #expect(await bench.run("label", "vm", "web", "tier=").code == 0)
        #expect(bench.connection.writes.first?.body?["metadata"]?["labels"] == ["tier": ""])
    }

    @Test("a diff with an empty word ends with an error's exit code")
    func diff() async { #expect(await Bench().run("diff", "-f", "").code == 2) }
}
