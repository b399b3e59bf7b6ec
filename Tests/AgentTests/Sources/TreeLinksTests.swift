import Reconcile
import Testing

@testable import Agent

@Suite("Links and submodules of repositories", .timeLimit(.minutes(2)))
struct TreeLinksTests {
    private let machine = TestRepository.machine

    @Test("links inside of the repository are followed, and a directory is read once")
    func inside() async throws {
        let bench = try FetchBench()
        let repository = try bench.repository()
        try repository.commit(["base/a.yaml": machine("a", 1), "one.txt": machine("b", 1)])
        try repository.link("envs/prod/base", to: "../../base")
        try repository.link("envs/prod/again", to: "base")
        try repository.link("envs/prod/b.yaml", to: "../../one.txt")
        try repository.link("envs/prod/up", to: "..")
        try repository.link("current", to: "envs/prod")
        try repository.link("envs/prod/README", to: "nowhere")
        try repository.commitAll()
        #expect(try await bench.content(repository.path, path: "envs/prod").names == ["a", "b"])
        #expect(try await bench.content(repository.path, path: "current").names == ["a", "b"])
    }

    @Test(
        "links that lead out of the repository, nowhere or back to themselves make the commit unusable",
        arguments: [
            ("x.yaml", "/etc/hostname", "leads out of the repository"),
            ("x", "/etc", "leads out of the repository"),
            ("x.yaml", "../../etc/hostname", "leads out of the repository"),
            ("x.yaml", "d/../../x", "leads out of the repository"),
            ("x.yaml", "none.yaml", "leads nowhere"),
            ("x.yaml", "x.yaml", "leads back to itself"),
            ("x.yaml", "a.yaml/x", "leads nowhere"),
        ])
    func refused(name: String, target: String, words: String) async throws {
        let bench = try FetchBench()
        let repository = try bench.repository()
        try repository.commit(["a.yaml": machine("a", 1), "d/d.yaml": machine("d", 1)])
        try repository.link(name, to: target)
        let commit = try repository.commitAll()
        let failure = try await bench.failure(repository.path)
        #expect(failure.reason == .badCommit)
        #expect(failure.message == "\(commit.prefix(12)):\(name): it is a link that \(words)")
    }

    @Test("submodules are passed over, and a link or a path into one is refused")
    func submodules() async throws {
        let bench = try FetchBench()
        let other = try bench.repository("other")
        let inner = try other.commit(["x.yaml": machine("x", 1)])
        let repository = try bench.repository()
        try repository.commit(["a.yaml": machine("a", 1)])
        try repository.git("update-index", "--add", "--cacheinfo", "160000,\(inner),library")
        try repository.git("commit", "--quiet", "--message", "A submodule")
        #expect(try await bench.content(repository.path).names == ["a"])
        #expect(
            try await bench.failure(repository.path, path: "library").message
                == "the path \"library\" is in a submodule, and those are not fetched")
        try repository.link("x.yaml", to: "library/x.yaml")
        try repository.git("add", "x.yaml")
        try repository.git("commit", "--quiet", "--message", "A link")
        #expect(try await bench.failure(repository.path).message.contains("a link into a submodule"))
    }

    @Test("lists that git never writes are refused")
    func malformed() {
        for text in [
            "100644 blob 1 1\ta/b\u{0}100644 blob 1 1\ta\u{0}", "100644 blob 1 1\ta\u{0}100644 blob 1 1\ta/b\u{0}",
            "100644 blob 1 1\ta\u{0}100644 blob 1 1\ta\u{0}", "100644 blob 1 -\ta\u{0}", "100644 blob 1\ta\u{0}",
            "100644 blob 1 1 a\u{0}", "100644 blob 1 1\t\u{0}", "100644 blob 1 1\ta//b\u{0}",
            "100644 blob 1 1\t" + String(repeating: "x", count: 5000),
        ] {
            #expect(throws: GitTree.Malformed.self, "\(text)") { try GitTree(listing: Array(text.utf8)) }
        }
    }

    @Test("contents that are not those that were asked for are refused")
    func contents() throws {
        let blobs = [GitTree.Blob(id: "a1", byteCount: 3), GitTree.Blob(id: "b2", byteCount: 0)]
        let good = "a1 blob 3\na\nb\nb2 blob 0\n\n"
        #expect(
            try GitObjects.contents(in: Array(good.utf8), of: blobs) == ["a1": Array("a\nb".utf8), "b2": []])
        for text in ["", "a1 missing\n", "a1 blob 4\nabcd\nb2 blob 0\n\n", "a1 blob 3\na\nb\nb2 blob 0\n", good + "x"] {
            #expect(throws: GitObjects.Malformed.self, "\(text)") {
                try GitObjects.contents(in: Array(text.utf8), of: blobs)
            }
        }
    }
}
