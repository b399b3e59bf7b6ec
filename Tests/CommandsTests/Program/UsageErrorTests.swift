import Contract
import JSONText
import Primitives
import Testing

@testable import Commands

@Suite("What a command line or a file gets wrong")
struct UsageErrorTests {
    @Test(
        "a word that is no command is called that, with the nearest one",
        arguments: [
            (["gte", "vms"], "unknown command \"gte\", did you mean \"get\"?"),
            (["vm", "strat", "web"], "unknown command \"strat\" of \"blixard vm\", did you mean \"start\"?"),
            (
                ["cluster", "zzzzz"],
                "unknown command \"zzzzz\" of \"blixard cluster\": there are init, remove, rotate-secrets-key, status"
            ),
            (["help", "descrbe"], "unknown command \"descrbe\", did you mean \"describe\"?"),
        ])
    func unknownCommands(line: [String], text: String) async {
        let result = await Bench().run(line)
        #expect(result.code == 1)
        #expect(result.output == "")
        #expect(result.errors.hasPrefix("error: \(text)\nSee 'blixard"), "\(result.errors)")
    }

    @Test(
        "a value of a wrong type in a node's configuration is named with what was found and what may stand there",
        arguments: [
            (#"{"data-dir": 5}"#, "data-dir: found 5, a number, must be a string that is not empty"),
            (#"{"name": true}"#, "name: found true, a boolean, must be a string that is not empty"),
            (#"{"bind": ""}"#, "bind: found an empty string, must be a string that is not empty"),
            (#"{"log-level": null}"#, "log-level: found null, must be a string that is not empty"),
            (#"{"cpus": [2]}"#, "cpus: found an array, must be a whole number, or a string of one"),
            (#"{"memory": 1.5}"#, "memory: found 1.5, a number, must be a string such as \"4Gi\""),
            (#"{"advertise": ["a:1", ""]}"#, "advertise: found an array, must be a string or an array of strings"),
            (#"{"advertise": []}"#, "advertise: found an array, must be a string or an array of strings"),
            (#"{"join-ticket": 7}"#, "join-ticket: found 7, a number, must be a string that is not empty"),
            (#"{"bnd": "x"}"#, "unknown key \"bnd\", did you mean \"bind\"?"),
        ])
    func configuration(text: String, problem: String) async {
        let bench = Bench()
        let path = bench.file("node.json", text)
        let result = await bench.run("node", "--config", path)
        #expect(result.code == 1)
        #expect(result.errors.hasPrefix("error: \(path):1:2: \(problem)"), "\(result.errors)")
        #expect(bench.nodes.configurations.isEmpty)
    }

    @Test("numbers stand for numbers, and a byte order mark is passed over")
    func goodConfiguration() async {
        let bench = Bench()
        let path = bench.file("node.json", "\u{feff}" + #"{"data-dir": "/d", "id": 2, "cpus": 3, "memory": 1048576}"#)
        #expect(await bench.run("node", "--config", path).code == 0)
        #expect(bench.nodes.configurations.first?.cpus == 3)
        #expect(bench.nodes.configurations.first?.memoryBytes == 1_048_576)
    }

    @Test("a ticket comes from a file by flag, environment and configuration, and is read when it is needed")
    func ticketFiles() async throws {
        var bench = Bench()
        let file = bench.file("ticket", "\n blx1abc \n")
        let config = bench.file("node.json", #"{"data-dir": "/d", "join-ticket-file": "\#(file)"}"#)
        #expect(await bench.run("node", "--data-dir", "/d", "--join-ticket", "@\(file)").code == 0)
        #expect(await bench.run("node", "--data-dir", "/d", "--join-ticket-file", file).code == 0)
        #expect(await bench.run("node", "--config", config).code == 0)
        bench.environment["BLIXARD_JOIN_TICKET_FILE"] = file
        #expect(await bench.run("node", "--data-dir", "/d").code == 0)
        #expect(bench.nodes.configurations.count == 4)
        for configuration in bench.nodes.configurations { #expect(try configuration.readJoinTicket() == "blx1abc") }

        // A node that is a member already needs no ticket, so it may be gone.
        #expect(await bench.run("node", "--data-dir", "/d", "--join-ticket", "@/nowhere").code == 0)
        #expect(throws: FileFailure.self) { try bench.nodes.configurations.last?.readJoinTicket() }
        let wrong = bench.file("wrong", "secret")
        var configuration = NodeConfiguration(bind: nil, dataDirectory: "/d")
        configuration.joinTicket = "@" + wrong
        let failure = #expect(throws: FileFailure.self) { try configuration.readJoinTicket() }
        #expect(failure?.description == "\(wrong): it holds no ticket, which begins with blx1")
    }

    @Test("a ticket that says where the cluster is comes from a file too")
    func addressFiles() async throws {
        var bench = Bench()
        let file = bench.file("ticket", "\n blx1abc \n")
        _ = await bench.run("get", "vms", "--addr", "@\(file)")
        bench.environment["BLIXARD_NODE_ADDR"] = "@\(file)"
        _ = await bench.run("get", "vms")
        #expect(bench.access.requests.map(\.address) == ["blx1abc", "blx1abc"])
        let wrong = bench.file("wrong", "secret")
        for path in [wrong, "/nowhere"] {
            let result = await bench.run("get", "vms", "--addr", "@\(path)")
            #expect(result.code == 1 && result.errors.hasPrefix("error: \(path): "), "\(result.errors)")
            #expect(!result.errors.contains("secret"))
        }
    }

    @Test("a word that is no UTF-8 is said to be that, with its bytes")
    func bytes() {
        #expect(
            ArgumentCheck.problem(inBytes: [Array("apply".utf8), Array("-f".utf8), Array("caf\u{e9}".utf8)]) == nil)
        let problem = ArgumentCheck.problem(inBytes: [Array("apply".utf8), Array("-f".utf8), [0x61, 0xe9, 0x1b]])
        #expect(problem?.hasPrefix("word 3 of the command line is not UTF-8: \"a\\xe9\\u{1b}\"; ") == true)
    }

    @Test("what is no ticket is not printed, and two tickets are one too many")
    func badTickets() async {
        let result = await Bench().run("node", "--data-dir", "/d", "--join-ticket", "hunter2")
        #expect(result.code == 1)
        #expect(
            result.errors == "error: --join-ticket is no ticket: it must begin with blx1, or be @ and a file's path\n")
        let both = await Bench().run("node", "--data-dir", "/d", "--join-ticket", "blx1a", "--join-ticket-file", "b")
        #expect(both.errors.contains("say the same"))
    }

    @Test("several refusals are said once")
    func refusals() {
        let text = ClientFailure.refusal(
            "Conflict",
            "2 objects were refused, so nothing was changed:\n* VirtualMachine a: busy\n* VirtualMachine b: gone",
            code: 409,
            details: [
                "causes": [
                    ["field": "VirtualMachine a", "message": "busy"], ["field": "VirtualMachine b", "message": "gone"],
                ]
            ]
        ).text
        #expect(
            text == """
                Error from server (Conflict): 2 objects were refused, so nothing was changed:
                * VirtualMachine a: busy
                * VirtualMachine b: gone
                """)
    }

    @Test("a command line with signs that a terminal obeys is repeated in a form that does the same")
    func shellWords() {
        #expect(ShellWords.join(["a\n'b\\", "\u{1b}é\u{85}"]) == "$'a\\n\\'b\\\\' $'\\x1bé\\xc2\\x85'")
    }
}
