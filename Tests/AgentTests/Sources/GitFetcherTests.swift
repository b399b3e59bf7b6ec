import Fleet
import Host
import Manifest
import Reconcile
import TestFiles
import Testing

@testable import Agent

@Suite("Fetches of repositories", .timeLimit(.minutes(3)))
struct GitFetcherTests {
    private let machine = TestRepository.machine

    @Test("a commit's documents are read as apply -f DIR -R reads them, with its author and subject")
    func content() async throws {
        let bench = try FetchBench()
        let repository = try bench.repository()
        let commit = try repository.commit(
            [
                "b.yaml": machine("b", 1) + "---\n" + machine("c", 2), "a/z.yml": machine("a", 1), "notes.txt": "x",
                ".hidden/x.yaml": "{", ".x.yaml": "{",
                "z.json": #"{"apiVersion":"blixard.dev/v1","kind":"VirtualMachine","metadata":{"name":"z"},"spec":{}}"#,
            ], message: "First line\n\nMore.")
        for url in [repository.path, "file://" + repository.path, repository.path + "/.git"] {
            let content = try await bench.content(url)
            #expect(content.commit == commit)
            #expect(content.author == "Ada")
            #expect(content.subject == "First line")
            #expect(content.names == ["a", "b", "c", "z"])
            #expect(content.mutations[0].key.namespace == "default")
        }
        #expect(await bench.fetch(repository.path, known: commit) == .same)
    }

    @Test("branches, tags and commits are followed by their names, and the default branch by HEAD")
    func references() async throws {
        let bench = try FetchBench()
        let repository = try bench.repository()
        let first = try repository.commit(["a.yaml": machine("one", 1)])
        try repository.git("tag", "v1")
        try repository.git("tag", "--annotate", "--message", "x", "v1-annotated")
        try repository.git("checkout", "--quiet", "-b", "work/deep")
        let second = try repository.commit(["a.yaml": machine("two", 1)])
        try repository.git("checkout", "--quiet", "main")
        #expect(try await bench.content(repository.path).commit == first)
        #expect(try await bench.content(repository.path, .branch("work/deep")).commit == second)
        #expect(try await bench.content(repository.path, .branch("main")).commit == first)
        #expect(try await bench.content(repository.path, .tag("v1")).commit == first)
        #expect(try await bench.content(repository.path, .tag("v1-annotated")).commit == first)
        #expect(try await bench.content(repository.path, .commit(second)).names == ["two"])
        #expect(await bench.fetch(repository.path, .commit(second), known: second) == .same)
    }

    @Test("a branch that is pushed to, rewritten, deleted and made again is followed at each step")
    func rewritten() async throws {
        let bench = try FetchBench()
        let repository = try bench.repository()
        try repository.commit(["a.yaml": machine("one", 1)])
        #expect(try await bench.content(repository.path, .branch("main")).names == ["one"])
        try repository.commit(["a.yaml": machine("two", 1)])
        #expect(try await bench.content(repository.path, .branch("main")).names == ["two"])
        try repository.git("checkout", "--quiet", "--orphan", "other")
        let rewritten = try repository.commit(["a.yaml": machine("three", 1)])
        try repository.git("branch", "--force", "main", "other")
        #expect(try await bench.content(repository.path, .branch("main")).commit == rewritten)
        try repository.git("branch", "-D", "main")
        let failure = try await bench.failure(repository.path, .branch("main"))
        #expect(failure.reason == .fetchFailed)
        #expect(failure.commit == nil)
        #expect(failure.message == #"the repository has no branch "main""#)
        try repository.git("branch", "main", "other")
        #expect(try await bench.content(repository.path, .branch("main")).commit == rewritten)
    }

    @Test("what the repository does not have is said by its kind and name")
    func missing() async throws {
        let bench = try FetchBench()
        let repository = try bench.repository()
        let none = try await bench.failure(repository.path)
        #expect(none.message == "the repository has no default branch")
        try repository.commit(["a.yaml": machine("one", 1)])
        #expect(try await bench.failure(repository.path, .tag("v9")).message == #"the repository has no tag "v9""#)
        let commit = String(repeating: "1", count: 40)
        let failure = try await bench.failure(repository.path, .commit(commit))
        #expect(failure.reason == .fetchFailed)
        #expect(failure.message.hasPrefix("the server has no commit \(commit), or does not give it"), "\(failure)")
        for name in ["-x", "a b", "a:b", "a*", "../x", ""] {
            #expect(try await bench.failure(repository.path, .branch(name)).message.contains("can't be the name"))
        }
        #expect(try await bench.failure(repository.path, .commit("abc")).message.contains("not the full name"))
    }

    @Test("one bad document makes the whole commit unusable, and file, line and column are named")
    func badCommit() async throws {
        let bench = try FetchBench()
        let repository = try bench.repository()
        try repository.commit(["a.yaml": machine("a", 1), "b/b.yaml": machine("b", 1)])
        #expect(try await bench.content(repository.path).names == ["a", "b"])
        let bad = try repository.commit(["b/b.yaml": machine("b", 0)])
        let failure = try await bench.failure(repository.path)
        #expect(failure.reason == .badCommit)
        #expect(failure.commit == bad)
        #expect(
            failure.message.hasPrefix("\(bad.prefix(12)):b/b.yaml:6:10: VirtualMachine b: spec.vcpus: "), "\(failure)")
        let good = try repository.commit(["b/b.yaml": machine("b", 2)])
        #expect(try await bench.content(repository.path).commit == good)
        let torn = try repository.commit(["b/b.yaml": "a: [", "c.json": "{\"a\""])
        let both = try await bench.failure(repository.path).message
        #expect(both.contains("\(torn.prefix(12)):b/b.yaml:"), "\(both)")
        #expect(both.contains("\(torn.prefix(12)):c.json:1:"), "\(both)")
    }

    @Test("many errors are named as far as there is room, and counted beyond that")
    func manyErrors() async throws {
        let bench = try FetchBench()
        let repository = try bench.repository()
        let long = String(repeating: "x", count: 180)
        try repository.commit(
            Dictionary(uniqueKeysWithValues: (0..<30).map { ("\($0)\(long).yaml", machine("b\($0)", 0)) }))
        let message = try await bench.failure(repository.path).message
        #expect(message.utf8.count <= 1024)
        #expect(message.contains("; and 2"), "\(message)")
        #expect(message.hasSuffix(" more"), "\(message)")
    }

    @Test("only the path is read, and it must be a directory of the commit")
    func path() async throws {
        let bench = try FetchBench()
        let repository = try bench.repository()
        let commit = try repository.commit([
            "bad.yaml": "{", "envs/prod/a.yaml": machine("a", 1), "envs/test/b.yaml": machine("b", 1),
        ])
        for path in ["envs/prod", "./envs/prod/", "envs/../envs//prod"] {
            #expect(try await bench.content(repository.path, path: path).names == ["a"])
        }
        let expected = [
            "envs/none": "the commit has no directory \"envs/none\"",
            "envs/prod/a.yaml": "the path \"envs/prod/a.yaml\" is a file, and a directory is needed",
            "../in": "the path \"../in\" leads out of the repository",
        ]
        for (path, message) in expected.sorted(by: { $0.key < $1.key }) {
            let failure = try await bench.failure(repository.path, path: path)
            #expect(failure == SourceFailure(reason: .badCommit, commit: commit, message: message))
        }
        #expect(
            try await bench.failure(repository.path, path: "envs/prod/a.yaml").reason == .badCommit)
    }

    @Test("a commit without manifests, and one whose files have no documents, never stands for an empty set")
    func empty() async throws {
        let bench = try FetchBench()
        let repository = try bench.repository()
        try repository.commit(["README.md": "x"])
        let none = try await bench.failure(repository.path)
        #expect(none.reason == .badCommit)
        #expect(none.message.contains("has no files with the extensions"), "\(none)")
        try repository.commit(["a.yaml": "---\n# Nothing.\n"])
        #expect(try await bench.failure(repository.path).message.contains("no documents in them"))
    }

    @Test("the files' bytes are bounded together, and the first one beyond is named")
    func tooLarge() async throws {
        let bench = try FetchBench { $0.documentBytes = 4096 }
        let repository = try bench.repository()
        let padding = "#" + String(repeating: "x", count: 2100) + "\n"
        try repository.commit(["a.yaml": padding + machine("a", 1)])
        #expect(try await bench.content(repository.path).names == ["a"])
        let commit = try repository.commit(["b.yaml": padding + machine("b", 1)])
        let failure = try await bench.failure(repository.path)
        #expect(failure.reason == .badCommit)
        #expect(
            failure.message
                == "\(commit.prefix(12)):b.yaml: the manifests are too large: together they may have 4096 bytes")
    }

    @Test("a pointer of Git LFS is not taken for a manifest")
    func pointer() async throws {
        let bench = try FetchBench()
        let repository = try bench.repository()
        try repository.commit([
            "a.yaml":
                "version https://git-lfs.github.com/spec/v1\noid sha256:\(String(repeating: "0", count: 64))\nsize 1\n"
        ])
        #expect(try await bench.failure(repository.path).message.contains("a.yaml: it is a pointer of Git LFS"))
    }

    @Test("names of files with control characters are read and shown harmless")
    func names() async throws {
        let bench = try FetchBench()
        let repository = try bench.repository()
        try repository.commit(["a\n\u{1b}[31m.yaml": machine("a", 1), "tab\t.yaml": machine("b", 1)])
        #expect(try await bench.content(repository.path).names == ["a", "b"])
        try repository.commit(["a\n\u{1b}[31m.yaml": "{"])
        let message = try await bench.failure(repository.path).message
        #expect(message.contains(#":a\n\u{1b}[31m.yaml:"#), "\(message)")
        #expect(message.utf8.allSatisfy { $0 >= 0x20 })
    }

    @Test("the repository is kept for the node alone, and what a failed fetch leaves is made anew")
    func directory() async throws {
        let bench = try FetchBench()
        let repository = try bench.repository()
        try repository.commit(["a.yaml": machine("a", 1)])
        _ = try await bench.content(repository.path)
        #expect(try DurableFile.mode(of: bench.place) == 0o700)
        // As a killed git leaves it.
        _ = try TextFile.write("", to: bench.place + "/repository/shallow.lock")
        try repository.commit(["a.yaml": machine("b", 1)])
        #expect(try await bench.failure(repository.path).reason == .fetchFailed)
        #expect(try await bench.content(repository.path).names == ["b"])
        #expect(TextFile.names(in: bench.place) == ["repository"])
    }

    @Test("a repository that takes more room than it may is given up, and its room given back")
    func repositoryTooLarge() async throws {
        let bench = try FetchBench { $0.repositoryBytes = 300_000 }
        let repository = try bench.repository()
        try repository.commit(["a.yaml": machine("a", 1)])
        #expect(try await bench.content(repository.path).names == ["a"])
        var generator = SystemRandomNumberGenerator()
        let noise = (0..<60_000).map { _ in String(generator.next(), radix: 36) }.joined()
        try repository.commit(["noise": noise])
        let failure = try await bench.failure(repository.path)
        #expect(failure.reason == .fetchFailed)
        #expect(failure.message.contains("more than 300000 bytes"), "\(failure)")
        #expect(FileTree.byteCount(of: bench.place) < 300_000)
    }

    @Test("commits gather only until they take half the room")
    func renewed() async throws {
        let bench = try FetchBench { $0.repositoryBytes = 1 << 20 }
        let repository = try bench.repository()
        var generator = SystemRandomNumberGenerator()
        for number in 0..<5 {
            let noise = (0..<20_000).map { _ in String(generator.next(), radix: 36) }.joined()
            try repository.commit(["a.yaml": machine("a\(number)", 1), "noise": noise])
            #expect(try await bench.content(repository.path).names == ["a\(number)"])
        }
    }

    @Test("a node without git says so")
    func noGit() async throws {
        let bench = try FetchBench(executable: nil)
        let repository = try bench.repository()
        #expect(try await bench.failure(repository.path).message == "the program git is not installed on this node")
    }

    @Test("repositories of objects that are gone are removed")
    func prune() async throws {
        let bench = try FetchBench()
        let repository = try bench.repository()
        try repository.commit(["a.yaml": machine("a", 1)])
        _ = try await bench.content(repository.path)
        await bench.fetcher.prune(keeping: [FetchBench.uid])
        #expect(TextFile.names(in: bench.scratch.path + "/home/sources") == ["\(FetchBench.uid)"])
        await bench.fetcher.prune(keeping: [])
        #expect(TextFile.names(in: bench.scratch.path + "/home/sources") == [])
    }
}
