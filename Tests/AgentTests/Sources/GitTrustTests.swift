import Glibc
import Host
import Reconcile
import TestFiles
import Testing

@testable import Agent

@Suite("What fetches do not trust", .timeLimit(.minutes(2)))
struct GitTrustTests {
    private let machine = TestRepository.machine

    @Test("local repositories are read only below an allowed directory, wherever links lead")
    func allowed() async throws {
        let bench = try FetchBench()
        let outside = try TestRepository(bench.scratch.path + "/outside")
        try outside.commit(["a.yaml": machine("a", 1)])
        symlink(outside.path, bench.inside + "/link")
        for url in [
            outside.path, "file://" + outside.path, bench.inside + "/link", bench.inside + "/../outside",
            bench.scratch.path + "/none",
        ] {
            let failure = try await bench.failure(url)
            #expect(failure.reason == .fetchFailed)
            #expect(failure.message.contains("not below a directory that this node allows"), "\(failure)")
        }
        // A link into the allowed directory is one of its names.
        let repository = try bench.repository()
        try repository.commit(["a.yaml": machine("a", 1)])
        symlink(repository.path, bench.scratch.path + "/in-by-link")
        #expect(try await bench.content(bench.scratch.path + "/in-by-link").names == ["a"])
    }

    @Test("local repositories of which a part lies elsewhere are refused")
    func scattered() async throws {
        let bench = try FetchBench()
        let outside = try TestRepository(bench.scratch.path + "/outside")
        try outside.commit(["a.yaml": machine("a", 1)])
        let gitFile = bench.inside + "/file"
        try DurableFile.createDirectory(gitFile)
        try TextFile.write("gitdir: \(outside.path)/.git\n", to: gitFile + "/.git")
        #expect(try await bench.failure(gitFile).message.contains("lies elsewhere"))
        let borrowing = try bench.repository("borrowing")
        try TextFile.write("\(outside.path)/.git/objects\n", to: borrowing.path + "/.git/objects/info/alternates")
        #expect(try await bench.failure(borrowing.path).message.contains("(objects/info/alternates)"))
        try DurableFile.createDirectory(bench.inside + "/plain")
        #expect(try await bench.failure(bench.inside + "/plain").message.contains("there is no Git repository"))
    }

    @Test("hooks and settings of a repository, and those of the node's user, run nothing")
    func hostile() async throws {
        let bench = try FetchBench()
        let repository = try bench.repository()
        try repository.commit(["a.yaml": machine("a", 1)])
        let mark = bench.scratch.path + "/mark"
        let script = "#!/bin/sh\ntouch \(mark)\n"
        for name in ["post-checkout", "reference-transaction", "post-merge", "pre-auto-gc", "packer"] {
            let file = repository.path + "/.git/hooks/" + name
            try DurableFile.createDirectory(repository.path + "/.git/hooks")
            try TextFile.write(script, to: file)
            chmod(file, 0o700)
        }
        let program = repository.path + "/.git/hooks/packer"
        for setting in [
            "uploadpack.packObjectsHook", "core.fsmonitor", "core.sshCommand", "core.alternateRefsCommand",
            "credential.helper", "core.askPass",
        ] { try repository.git("config", setting, program) }
        _ = try await bench.content(repository.path)
        try TextFile.write("[core]\n\tfsmonitor = \(program)\n[user]\n\tname = x\n", to: bench.place + "/.gitconfig")
        try repository.commit(["a.yaml": machine("b", 1)])
        // Committing runs the hook of the repository's own user.
        unlink(mark)
        #expect(try await bench.content(repository.path).names == ["b"])
        #expect(TextFile.read(mark) == nil)
    }

    @Test("signed commits are taken if one of the keys has signed them, and no others")
    func signatures() async throws {
        let bench = try FetchBench()
        let repository = try bench.repository()
        func key(_ name: String) throws -> String {
            let path = "\(bench.scratch.path)/\(name)"
            let report: ProcessReport<Never> = try ChildProcess(
                executable: "/usr/bin/ssh-keygen", arguments: ["-q", "-t", "ed25519", "-N", "", "-f", path],
                environment: ChildProcess.plainEnvironment, workingDirectory: nil, newSession: true
            ).runReading(input: [], outputLimit: 1 << 16, errorLimit: 1 << 12) { nil }
            #expect(report.isSuccess)
            return String(try #require(TextFile.read(path + ".pub")).dropLast())
        }
        let (good, other) = (try key("good"), try key("other"))
        try repository.git("config", "gpg.format", "ssh")
        func sign(with name: String, _ machineName: String) throws -> String {
            try repository.git("config", "user.signingKey", "\(bench.scratch.path)/\(name)")
            try repository.git("config", "commit.gpgSign", "true")
            return try repository.commit(["a.yaml": machine(machineName, 1)])
        }
        _ = try sign(with: "good", "one")
        #expect(try await bench.content(repository.path, keys: [other, good]).names == ["one"])
        #expect(try await bench.content(repository.path).names == ["one"])
        let foreign = try sign(with: "other", "two")
        let refused = try await bench.failure(repository.path, keys: [good])
        #expect(refused.reason == .badCommit)
        #expect(refused.commit == foreign)
        #expect(refused.message.contains("not signed by a key of verifyKeys"), "\(refused)")
        try repository.git("config", "commit.gpgSign", "false")
        try repository.commit(["a.yaml": machine("three", 1)])
        #expect(try await bench.failure(repository.path, keys: [good]).reason == .badCommit)
        for key in ["x", "ssh-ed25519", "ssh-ed25519 AA\nsigner ssh-rsa B", "cert-authority ssh-rsa AAAA"] {
            #expect(try await bench.failure(repository.path, keys: [key]).message.contains("no public key of OpenSSH"))
        }
    }

    @Test(
        "URLs that name a password, an option, another program or nothing are refused without being repeated",
        arguments: [
            "", "-x", "--upload-pack=touch x", "https://ada:s3cret@example.com/x", "https://t0ken@example.com/x",
            "ssh://ada:s3cret@example.com/x", "ext::sh -c x", "ext::x", "ftp://example.com/x", "https://", "x",
            "ssh://-oProxyCommand=x/y", "ssh://a@-x/y", "-oProxyCommand=x:y", "git@-x:y", "git@:x", "file://host/x",
            "file:///a%00", "https://exa mple.com/\n",
        ])
    func addresses(url: String) {
        do throws(SourceFailure) {
            let address = try GitAddress(url)
            Issue.record("\(address)")
        } catch {
            #expect(error.reason == .fetchFailed)
            #expect(!error.message.contains("s3cret") && !error.message.contains("t0ken"))
        }
    }

    @Test("URLs of each kind are taken")
    func goodAddresses() throws {
        for url in ["https://example.com/x.git", "ssh://git@example.com:22/x", "git@example.com:a/b", "git://h/x"] {
            #expect(try GitAddress(url) == .remote(url))
        }
        #expect(try GitAddress("/srv/x") == .local("/srv/x"))
        #expect(try GitAddress("file:///srv/a%20b") == .local("/srv/a b"))
        #expect(try GitAddress("HTTPS://example.com:8/x").webOrigin == "https://example.com:8")
    }

    @Test("git's words come on one line, without users, passwords and control characters")
    func messages() {
        let text = "hint: x\n  fatal: can't read 'https://ada:pass@example.com/x'\r\nremote: \u{1b}[31mt0ken\n"
        #expect(
            GitMessage.line(Array(text.utf8), hiding: ["t0ken"])
                == "fatal: can't read 'https://example.com/x'; remote: \\u{1b}[31m***")
        #expect(GitMessage.line([], hiding: []) == "git says nothing about the cause")
    }
}
