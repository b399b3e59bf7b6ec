import Manifest
import NIOHTTP1
import Testing

@testable import Commands

@Suite("URLs of -f")
struct WebDocumentTests {
    private static let yaml = "apiVersion: blixard.dev/v1\nkind: VirtualMachine\nmetadata: {name: web}\n"

    private func bench(_ pages: [String: String]) -> Bench {
        var bench = Bench()
        bench.web.pages = pages
        return bench
    }

    @Test("a URL is read as JSON or YAML by its path or, without an extension, by its first sign")
    func forms() async {
        let bench = bench([
            "https://h/a.yaml?x=.json": Self.yaml, "http://h/b": Samples.manifest, "http://h/c": Self.yaml,
            "http://h/d.json": Self.yaml,
        ])
        for url in ["https://h/a.yaml?x=.json", "http://h/b", "http://h/c"] {
            let result = await bench.run("validate", "-f", url)
            #expect(result.output == "virtualmachine.blixard.dev/web valid\n", "\(result)")
        }
        let wrong = await bench.run("validate", "-f", "http://h/d.json")
        #expect(wrong.errors.hasPrefix("error: http://h/d.json:1:1: "), "\(wrong)")
    }

    @Test("apply and delete read URLs too, and nothing is changed where one can't be read")
    func verbs() async {
        let bench = bench(["http://h/a": Samples.manifest])
        let file = bench.file("b.yaml", Self.yaml)
        for verb in ["apply", "delete", "diff", "validate"] {
            let result = await bench.run(verb, "-f", file, "-f", "http://h/missing")
            #expect(result.code == (verb == "diff" ? 2 : 1))
            #expect(result.errors == "error: http://h/missing: it answered 404\n", "\(result)")
        }
        #expect(bench.connection.calls.isEmpty)
    }

    @Test(
        "a URL that can't be fetched is refused with the reason",
        arguments: [
            ("ftp://h/a", "must begin with http:// or https://"), ("http://", "names no host"),
            ("http://h:0/", "must be a number of 1 to 65535"), ("http://h/#a", "a fragment"),
        ])
    func refused(url: String, problem: String) async {
        let result = await bench([:]).run("validate", "-f", url)
        #expect(result.code == 1)
        #expect(result.errors.hasPrefix("error: the URL \"\(url)\" can't be fetched: "), "\(result)")
        #expect(result.errors.contains(problem), "\(result)")
    }

    @Test("a password in a URL is refused and not repeated")
    func password() async {
        let result = await bench([:]).run("validate", "-f", "https://user:secret@h/a.yaml")
        #expect(result.errors.hasPrefix("error: the URL of https://...@h names a user or password"), "\(result)")
        #expect(!result.errors.contains("secret"))
    }

    private func read(_ port: Int, _ path: String, limit: Int = 1000) async throws -> String {
        let url = try #require(FetchURL("http://127.0.0.1:\(port)\(path)"))
        do throws(FileFailure) {
            return String(decoding: try await WebDocument.read(url, limit: limit), as: UTF8.self)
        } catch {
            #expect(error.path == url.text)
            return error.problem
        }
    }

    @Test("a web server's answer is read through a few redirects, and bounded")
    func server() async throws {
        var pages: [String: WebServer.Page] = [
            "/a": .init(body: "text"), "/dir/b": .init(status: .found, location: "../a"),
            "/absolute": .init(status: .movedPermanently, location: "/dir/b#x"),
            "/loop": .init(status: .found, location: "/loop"), "/nowhere": .init(status: .found),
            "/gone": .init(status: .found, location: "missing"),
            "/file": .init(status: .found, location: "file:///etc/passwd"),
            "/user": .init(status: .found, location: "http://u:p@127.0.0.1/"),
            "/long": .init(body: String(repeating: "x", count: 1001)),
            "/short": .init(body: "x", declaredBytes: 10),
        ]
        for step in 1...6 {
            pages["/step\(step)"] = .init(status: .found, location: step == 1 ? "/a" : "step\(step - 1)")
        }
        try await WebServer.with(pages) { port in
            let tooOften = "it leads on more than 5 times"
            let answers = [
                "/a": "text", "/dir/b": "text", "/absolute": "text", "/step5": "text", "/step6": tooOften,
                "/loop": tooOften, "/nowhere": "it answered 302 Found without saying where to",
                "/file": "it leads to \"file:///etc/passwd\", which can't be fetched",
                "/user": "it leads to \"http://u:p@127.0.0.1/\", which can't be fetched",
                "/missing": "it answered 404 Not Found",
                "/gone": "http://127.0.0.1:\(port)/missing answered 404 Not Found",
                "/long": "it is too large: it may have 1000 bytes",
            ]
            for (path, wanted) in answers {
                let answer = try await read(port, path)
                #expect(answer == wanted)
            }
            let (fits, tooLong) = (try await read(port, "/a", limit: 4), try await read(port, "/a", limit: 3))
            #expect(fits == "text")
            #expect(tooLong == "it is too large: it may have 3 bytes")
            let cut = try await read(port, "/short")
            #expect(cut.hasPrefix("it can't be fetched: "), "\(cut)")
        }
    }

    @Test("a server that is not there is named")
    func noServer() async throws {
        var closed = 0
        try await WebServer.with([:]) { closed = $0 }
        let problem = try await read(closed, "/a")
        #expect(problem.contains("Connection refused"), "\(problem)")
    }
}
