import ArgumentParser
import JSONText
import TestFiles
import Testing

@testable import Commands

@Suite("Numbers in flags")
struct NumberFlagTests {
    private struct Flag {
        let path: [String]
        let positionals: Int
        let name: String
    }

    /// Every option of every command that takes a value, as the parser itself tells them.
    private func flags() throws -> [Flag] {
        func walk(_ command: JSON, _ path: [String]) -> [Flag] {
            let arguments = command["arguments"]?.array ?? []
            let positionals = arguments.count { $0["kind"] == "positional" && $0["isOptional"] != true }
            let own = arguments.filter { $0["kind"] == "option" }.compactMap { argument -> Flag? in
                let long = argument["names"]?.array?.first { $0["kind"] == "long" }?["name"]?.string
                return long.map { Flag(path: path, positionals: positionals, name: $0) }
            }
            return own
                + (command["subcommands"]?.array ?? []).flatMap { inner in
                    walk(inner, path + [inner["commandName"]?.string ?? ""])
                }
        }
        let help = try JSON(parsing: Blixard._dumpHelp())
        return walk(try #require(help["command"]), [])
    }

    @Test("numbers of any size are read or refused by every command, whichever flag they are given to")
    func edges() throws {
        let values = [
            "-1", "2147483648", "9223372036854775807", "18446744073709551616", "1e300", "4294967295d4294967295d",
            String(repeating: "9223372036854775807d", count: 50), "99999999999999999999999999Ti",
        ]
        let flags = try flags()
        #expect(flags.count > 50)
        #expect(
            Set(flags.map(\.name)).isSuperset(of: ["timeout", "tail", "grace-period", "base-port", "vcpus", "uses"]))
        for flag in flags {
            let words = flag.path + Array(repeating: "x", count: flag.positionals)
            for value in values {
                // An error is an answer too; a trap would end the test.
                _ = try? Blixard.parseAsRoot(words + ["--\(flag.name)=\(value)"])
            }
        }
    }

    @Test(
        "numbers beyond their bounds are errors that name the flag",
        arguments: [
            (["logs", "web", "--tail", "2147483648"], "--tail 2147483648 must be -1 to 2147483647"),
            (["delete", "vm", "web", "--grace-period", "86401"], "--grace-period 86401 must be -1 to 86400"),
            (["delete", "vm", "web", "--grace-period", "-2"], "--grace-period -2 must be -1 to 86400"),
            (
                ["delete", "vm", "web", "--timeout", "3651d"],
                "'3651d' is invalid for '--timeout <duration>': give a number with a unit, such as 90s, 5m or 1h30m, and "
                    + "no more than 3650d"
            ),
            (["ticket", "create", "--uses", "1001"], "--uses 1001 must be 1 to 1000"),
            (
                ["ticket", "create", "--ttl", "9223372036854775807"],
                "is invalid for '--ttl <duration>': give a number with a unit"
            ),
            (
                ["vm", "create", "web", "--vcpus", "9223372036854775807"],
                "spec.vcpus: Invalid value: 9223372036854775807"
            ),
            (["vm", "create", "web", "--memory", "9223372036854771712"], "must be less than or equal to 64Ti"),
        ])
    func bounds(arguments: [String], message: String) async {
        let result = await Bench().run(arguments)
        #expect(result.code == 1)
        #expect(result.errors.contains(message), "\(result.errors)")
    }

    @Test("a duration is at most ten years, in any spelling")
    func durations() {
        #expect(DurationText(argument: "3650d")?.milliseconds == DurationText.longestMilliseconds)
        #expect(DurationText(argument: "90")?.milliseconds == 90_000)
        #expect(DurationText(argument: "-90")?.milliseconds == -90_000)
        #expect(DurationText(argument: "1h30m")?.milliseconds == 5_400_000)
        for text in [
            "", "-", "d", "3651d", "3650d1ms", "9223372036854775807", "99999999999999999999s", "1x", "1.5s", "\u{663}s",
        ] {
            #expect(DurationText(argument: text) == nil, "\(text)")
        }
    }

    @Test(
        "a base port leaves room for every node's ports", arguments: [0, -1, 64_537, 65_535, 65_536, Int.max, Int.min])
    func basePort(port: Int) async {
        await TemporaryDirectory.with(named: "base-port") { directory in
            let up = ["up", "--data-dir", directory, "--hypervisor", "simulated"]
            let result = await Bench().run(up + ["--base-port=\(port)", "--nodes", "1"])
            #expect(result.code == 1)
            #expect(result.errors.contains("--base-port \(port) must be 1 to 64535"), "\(result.errors)")
            let nodes = await Bench().run(up + ["--nodes=\(port)"])
            #expect(nodes.errors.contains("--nodes \(port) must be 1 to 31"), "\(nodes.errors)")
        }
    }
}
