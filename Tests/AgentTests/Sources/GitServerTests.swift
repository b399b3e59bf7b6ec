import Fleet
import Host
import Reconcile
import Sealing
import TestFiles
import Testing

@testable import Agent

@Suite("Fetches from servers", .timeLimit(.minutes(3)))
struct GitServerTests {
    private let machine = TestRepository.machine

    @Test("git daemon serves a branch, and a commit that it has not advertised")
    func daemon() async throws {
        let bench = try FetchBench()
        let repository = try bench.repository()
        let first = try repository.commit(["a.yaml": machine("a", 1)])
        try repository.commit(["a.yaml": machine("b", 1)])
        let server = try await GitServer(.daemon, of: bench.inside, at: bench.scratch.path)
        let url = "git://127.0.0.1:\(server.port)/repository/.git"
        #expect(try await bench.content(url).names == ["b"])
        #expect(try await bench.content(url, .branch("main")).names == ["b"])
        // The second version of git's protocol gives every commit.
        #expect(try await bench.content(url, .commit(first)).names == ["a"])
    }

    @Test("a token opens an http server, and is in no argument, in no file afterwards, and in no message")
    func token() async throws {
        let bench = try FetchBench()
        let repository = try bench.repository()
        try repository.commit(["a.yaml": machine("a", 1)])
        let server = try await GitServer(.http, of: bench.inside, at: bench.scratch.path)
        let url = "http://127.0.0.1:\(server.port)/repository/.git"
        let good = GitCredentials.password(user: "ada", password: "s3cret")
        #expect(try await bench.content(url, with: good).names == ["a"])
        #expect(TextFile.names(in: bench.place) == ["repository"])
        #expect(!(TextFile.read(bench.place + "/repository/config") ?? "").contains("s3cret"))
        let refused = try await bench.failure(url, with: .password(user: "ada", password: "wr0ng"))
        #expect(refused.reason == .fetchFailed)
        #expect(refused.message.contains("Authentication failed"), "\(refused)")
        #expect(!refused.message.contains("wr0ng"))
        #expect(try await bench.failure(url).reason == .fetchFailed)
        let ssh = try await bench.failure("git@127.0.0.1:x", with: good)
        #expect(ssh.message.contains("ssh needs a private key"))
        let torn = try await bench.failure(url, with: .password(user: "ada", password: "a\nb"))
        #expect(torn.message.contains("control character"))
    }

    @Test("a server to which another one leads is not told the token")
    func redirected() async throws {
        let bench = try FetchBench()
        let repository = try bench.repository()
        try repository.commit(["a.yaml": machine("a", 1)])
        let server = try await GitServer(.http, of: bench.inside, at: bench.scratch.path)
        let leading = try await GitServer(.redirect, of: bench.inside, at: bench.scratch.path, leadingTo: server.port)
        let failure = try await bench.failure(
            "http://127.0.0.1:\(leading.port)/repository/.git", with: .password(user: "ada", password: "s3cret"))
        #expect(failure.reason == .fetchFailed)
    }

    @Test("a server that says nothing is given up when the time is over", arguments: ["git", "http"])
    func silent(scheme: String) async throws {
        let bench = try FetchBench { $0.milliseconds = 300 }
        let server = try await GitServer(.silent, of: bench.inside, at: bench.scratch.path)
        let failure = try await bench.failure("\(scheme)://127.0.0.1:\(server.port)/x")
        #expect(failure.reason == .fetchFailed)
        #expect(failure.message.contains("took longer than"), "\(failure)")
    }

    @Test("a server that sends without end is given up when the time is over")
    func endless() async throws {
        let bench = try FetchBench { $0.milliseconds = 500 }
        let server = try await GitServer(.endless, of: bench.inside, at: bench.scratch.path)
        #expect(try await bench.failure("git://127.0.0.1:\(server.port)/x").reason == .fetchFailed)
    }

    @Test("a cancelled fetch ends git and is not answered")
    func cancelled() async throws {
        let bench = try FetchBench()
        let server = try await GitServer(.silent, of: bench.inside, at: bench.scratch.path)
        let order = bench.order("git://127.0.0.1:\(server.port)/x")
        let fetch = Task { await bench.fetcher.fetch(order, with: nil, sealer: FetchBench.sealer) }
        fetch.cancel()
        #expect(await fetch.value == nil)
    }

    @Test("a newer order of a repository takes the place of the one that runs, and only its answer is told")
    func replaced() async throws {
        let bench = try FetchBench()
        let repository = try bench.repository()
        try repository.commit(["a.yaml": machine("a", 1)])
        let server = try await GitServer(.silent, of: bench.inside, at: bench.scratch.path)
        let (answers, input) = AsyncStream.makeStream(of: (SourceOrder, SourceAnswer).self)
        let fetches = SourceFetches(
            bench.fetcher, secrets: { OpenedSecrets(fleet: Fleet(), keyring: Keyring()) }, known: { [] }
        ) { input.yield(($0, $1)) }
        let owner = Task { await fetches.run() }
        let slow = bench.order("git://127.0.0.1:\(server.port)/x")
        fetches.fetch(slow)
        fetches.fetch(slow)
        let newer = bench.order(repository.path)
        fetches.fetch(newer)
        var answered = answers.makeAsyncIterator()
        let first = try #require(await answered.next())
        #expect(first.0 == newer)
        guard case .content = first.1 else { throw FetchBench.Unexpected(description: "\(first.1)") }
        // What runs when the node ends is ended with it.
        fetches.fetch(slow)
        owner.cancel()
        await owner.value
        input.finish()
        #expect(await answered.next() == nil)
    }
}
