import Glibc
import TestFiles
import Testing

@testable import Commands

@Suite("Patterns of -f")
struct PathPatternTests {
    @Test(
        "a pattern matches a whole name",
        arguments: [
            ("*", ["a", "", "caf\u{e9}"], []), ("*.json", ["a.json", ".json"], ["a.yaml", "a.json5"]),
            ("a*b*c", ["abc", "a-b-c", "abbcc", "abcbc"], ["ab", "acb", "xabc"]), ("?", ["a", "\u{e9}"], ["", "ab"]),
            ("vm-[0-9].*", ["vm-1.yaml"], ["vm-a.yaml", "vm-10.yaml"]), ("[!a-c]", ["d"], ["a", "c", "dd"]),
            ("[^a]", ["b"], ["a"]), ("[]a]", ["]", "a"], ["b"]), ("[a-]", ["a", "-"], ["b"]),
            ("\\*", ["*"], ["a", "\\*"]), ("[\\]]", ["]"], ["\\"]), ("**", ["abc"], []), ("a\\", ["a\\"], ["a"]),
            ("caf\u{e9}", ["caf\u{e9}"], ["cafe\u{301}"]),
        ] as [(String, [String], [String])])
    func names(pattern: String, matching: [String], others: [String]) throws {
        let pattern = try #require(NamePattern(pattern))
        for name in matching { #expect(pattern.matches(Array(name.utf8)), "\(name)") }
        for name in others { #expect(!pattern.matches(Array(name.utf8)), "\(name)") }
    }

    @Test("a bracket without an end is no pattern", arguments: ["[", "[]", "[a", "a[b-", "[!]", "[z-a]"])
    func broken(text: String) async {
        #expect(NamePattern(text) == nil)
        #expect(await Bench().run("validate", "-f", text).errors.contains("is no pattern: a bracket ["))
    }

    @Test("a byte that is no UTF-8 is one sign")
    func bytes() throws {
        #expect(try #require(NamePattern("a?b")).matches([0x61, 0xff, 0x62]))
        #expect(try #require(NamePattern("*b")).matches([0x61, 0xff, 0x62]))
        #expect(!(try #require(NamePattern("[a-\u{10ffff}]")).matches([0xff])))
    }

    @Test("many runs take no long time")
    func manyRuns() throws {
        let pattern = try #require(NamePattern(String(repeating: "*a", count: 100) + "b"))
        #expect(!pattern.matches(Array(repeating: UInt8(ascii: "a"), count: 4000)))
    }

    /// A small tree; `all.json` in the directory's top is a link to a file below.
    private func tree(_ bench: Bench) {
        func machine(_ name: String) -> String {
            #"{"apiVersion": "blixard.dev/v1", "kind": "VirtualMachine", "metadata": {"name": "\#(name)"}}"#
        }
        for directory in ["envs", "envs/prod", "envs/prod/deep", "envs/test", ".hidden"] {
            mkdir(bench.directory.path + "/" + directory, 0o700)
        }
        for name in ["top", "envs/prod/a", "envs/prod/b", "envs/prod/deep/c", "envs/test/d", ".hidden/e", "envs/.f"] {
            let last = name.split(separator: "/").last!.filter { $0 != "." }
            _ = bench.file(name + ".json", machine(String(last)))
        }
        _ = bench.file("envs/prod/README.md", "# no manifest")
        symlink("..", bench.directory.path + "/envs/test/up")
    }

    @Test(
        "the paths that match are read in the order of their names, each once",
        arguments: [
            ("*.json", ["top"]), ("envs/*/*.json", ["a", "b", "d"]), ("envs/prod/[bc].json", ["b"]),
            ("**/*.json", ["top", "a", "b", "c", "d"]), ("envs/**", ["a", "b", "c", "d"]),
            ("envs/**/c.json", ["c"]), ("**/prod/*.json", ["a", "b"]), ("envs/te*", ["d"]), (".hidden/*", ["e"]),
            ("**/**/deep/**", ["c"]), ("./envs//test/?.json", ["d"]), ("envs/prod/../test/*.json", ["d"]),
        ])
    func search(pattern: String, names: [String]) async {
        let bench = Bench()
        tree(bench)
        let result = await bench.run("validate", "-f", bench.directory.path + "/" + pattern)
        #expect(result.output == names.map { "virtualmachine.blixard.dev/\($0) valid\n" }.joined(), "\(result)")
        #expect(result.code == 0)
    }

    @Test("a pattern that matches nothing is an error, and a path of that very name is read")
    func nothing() async {
        let bench = Bench()
        tree(bench)
        let pattern = bench.directory.path + "/vms/*.yaml"
        let result = await bench.run("apply", "-f", pattern)
        #expect(result.errors == "error: the pattern \"\(pattern)\" matches nothing\n")
        #expect(bench.connection.calls.isEmpty)
        let literal = bench.file("[a]*.json", Samples.manifest)
        #expect(await bench.run("validate", "-f", literal).output == "virtualmachine.blixard.dev/web valid\n")
    }

    @Test("a link that leads nowhere and matches is an error")
    func danglingLink() async {
        let bench = Bench()
        tree(bench)
        #expect(symlink("/nowhere", bench.directory.path + "/x.json") == 0)
        let result = await bench.run("validate", "-f", bench.directory.path + "/*.json")
        #expect(result.errors.hasSuffix("/x.json\" does not exist\n"), "\(result.errors)")
    }
}
