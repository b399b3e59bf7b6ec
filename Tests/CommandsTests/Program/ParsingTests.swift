import ArgumentParser
import Contract
import Fleet
import Testing

@testable import Commands

@Suite("Command lines")
struct ParsingTests {
    @Test("an unknown flag is an error with exit code 1 that names the command's help")
    func unknownFlag() async {
        let result = await Bench().run("get", "vms", "--nonsense")
        #expect(result.code == 1)
        #expect(result.output == "")
        #expect(result.errors == "error: Unknown option '--nonsense'\nSee 'blixard get -h' for help and examples\n")
    }

    @Test("an error of diff has an exit code above 1, also a usage error")
    func diffErrors() async {
        #expect(await Bench().run("diff", "--nonsense").code == 2)
        #expect(await Bench().run("diff", "-f", "/nowhere/at/all").code == 2)
        let refused = Bench(FakeConnection { _ throws(ClientFailure) in throw .unreachable([]) })
        #expect(await refused.run("diff").code == 2)
    }

    @Test("help goes to standard output with exit code 0")
    func help() async {
        for arguments in [["-h"], ["--help"], ["help", "get"], ["get", "-h"], ["vm"], ["cluster"]] {
            let result = await Bench().run(arguments)
            #expect(result.code == 0, "\(arguments)")
            #expect(result.output.contains("USAGE:"), "\(arguments)")
            #expect(result.errors == "")
        }
    }

    @Test("an unknown command is an error that says so")
    func unknownCommand() async {
        let result = await Bench().run("gte", "vms")
        #expect(result.code == 1)
        #expect(result.errors.hasPrefix("error: "))
    }

    @Test("every command that does something has examples in its help")
    func examples() {
        var open: [any ParsableCommand.Type] = [Blixard.self]
        while let command = open.popLast() {
            open += command.configuration.subcommands
            guard command is any ProgramCommand.Type else { continue }
            #expect(command.configuration.discussion.contains("Examples:"), "\(command)")
            #expect(!command.configuration.abstract.isEmpty, "\(command)")
        }
    }

    @Test(
        "flags may be written as kubectl takes them",
        arguments: [
            (["-o=json"], ["-o", "json"]),
            (["--wait=false"], ["--no-wait"]),
            (["--wait=true"], ["--wait"]),
            (["apply", "--wait=Ready"], ["apply", "--wait", "--wait-for=Ready"]),
            (["apply", "--wait=false"], ["apply", "--no-wait"]),
            (["rollout", "undo", "--wait=condition=A=B"], ["rollout", "undo", "--wait", "--wait-for=condition=A=B"]),
            (["delete", "--wait=Ready"], ["delete", "--wait=Ready"]),
            (["--watch=true"], ["--watch"]),
            (["--watch=false"], []),
            (["--for=condition=Ready"], ["--for=condition=Ready"]),
            (["-l", "a=b"], ["-l", "a=b"]),
            (["--", "--wait=false"], ["--", "--wait=false"]),
        ])
    func forms(given: [String], normal: [String]) {
        #expect(ArgumentForms.normalize(given) == normal)
    }

    @Test(
        "durations are read with and without units",
        arguments: [
            ("90s", 90_000), ("1h30m", 5_400_000), ("500ms", 500), ("30", 30_000), ("-1s", -1000), ("2d", 172_800_000),
        ])
    func durations(text: String, milliseconds: Int64) {
        #expect(DurationText(argument: text)?.milliseconds == milliseconds)
    }

    @Test(
        "what is no duration is not read as one", arguments: ["", "s", "5 m", "5x", "1h-2m", "99999999999999999999s"])
    func notDurations(text: String) {
        #expect(DurationText(argument: text) == nil)
    }

    @Test("completion scripts exist for three shells and for no other")
    func completion() async {
        for shell in ["bash", "zsh", "fish"] {
            let result = await Bench().run("completion", shell)
            #expect(result.code == 0)
            #expect(result.output.contains("blixard"))
        }
        let result = await Bench().run("completion", "tcsh")
        #expect(result.code == 1)
        #expect(result.errors == "error: unsupported shell type \"tcsh\": it must be bash, zsh or fish\n")
    }

    @Test("a command line is repeated with quotes where a shell needs them")
    func shellWords() {
        let reference = RequestReference(random: Array(repeating: 1, count: 16), baseRevision: 7)
        let line = ShellWords.command(
            repeating: ["apply", "-f", "my file.json", "--request-id", "old", "-l", "it's"],
            option: "--request-id", value: reference.description)
        #expect(line == "blixard apply -f 'my file.json' -l 'it'\\''s' --request-id 01010101010101010101010101010101@7")
    }
}
