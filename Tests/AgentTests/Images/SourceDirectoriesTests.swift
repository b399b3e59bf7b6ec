import Testing

@testable import Agent

@Suite("The directories that images may be read from")
struct SourceDirectoriesTests {
    private let allowed = SourceDirectories(directories: ["/srv/images", "/srv/images/deep/er", "/café"])

    @Test(
        "Source directories hold what lies below them by its parts, the deepest first",
        arguments: [
            ("/srv/images/a", "/srv/images", "a"),
            ("//srv/./images//deep/a", "/srv/images", "deep/a"),
            ("/srv/images/deep/er/a", "/srv/images/deep/er", "a"),
            ("/café/a b", "/café", "a b"),
        ])
    func below(source: String, directory: String, name: String) throws {
        #expect(try allowed.place(of: source) == .init(directory: directory, name: name))
    }

    @Test(
        "Source directories hold nothing beside or above them, and no path that goes back",
        arguments: [
            "/srv/images", "/srv/images/", "/srv", "/", "/srv/imagesx/a", "/srv/other/a", "/srv/images/../key",
            "/srv/images/a/..", "srv/images/a", "", "/srv/images/a\0b", "/cafe\u{301}/a", "/etc/shadow",
        ])
    func notBelow(source: String) {
        #expect(throws: AgentError.self) { try allowed.place(of: source) }
    }

    @Test("A refusal names the source directories and the flag that allows more, or one where there is none")
    func refusals() {
        #expect { try allowed.place(of: "/etc/shadow") } throws: {
            "\($0)".contains("/srv/images, /srv/images/deep/er") && "\($0)".contains("--source-dir /etc")
        }
        #expect { try SourceDirectories(directories: []).place(of: "/etc/shadow") } throws: {
            "\($0)".contains("allows no directory") && "\($0)".contains("--source-dir")
        }
        #expect(throws: Never.self) { try SourceDirectories(directories: ["/"]).place(of: "/a") }
    }
}

@Suite("URLs of images")
struct SourceURLTests {
    @Test(
        "URLs of images are taken when a request can be made of them",
        arguments: [
            "http://a", "https://a.b-c_d/x?y=z", "http://127.0.0.1:1/x", "http://[::1]:65535/",
        ])
    func sound(text: String) throws {
        #expect(try SourceURL(text).text == text)
    }

    @Test(
        "URLs of images are refused when their port, host, scheme or characters can't be",
        arguments: [
            "https://127.0.0.1:99999/x", "http://a:0/", "http://a:65536/", "http://a:-1/", "http://a:/", "http://a:1x/",
            "http://a:18446744073709551696/", "http://", "https:///b", "http://:80/", "http://[::1/", "http://[]/",
            "http://[::1]x/", "ftp://a/", "file:///etc/passwd", "/etc/passwd", "", "http://a/ b", "http://a/\n",
            "http://ä/", "http://a b/", "http+unix://a/", "http://a:80:81/",
            "http://user:word@a:80/x",
        ])
    func unsound(text: String) {
        #expect(throws: AgentError.self) { try SourceURL(text) }
    }

    @Test(
        "URLs of images lead on to where a redirect says, and to nothing but http and https",
        arguments: [
            ("http://a:1/b/c?d", "e", "http://a:1/b/e"), ("http://a:1/b/c", "/e?f", "http://a:1/e?f"),
            ("http://a:1", "e", "http://a:1/e"), ("https://a/b", "//c:2/d", "https://c:2/d"),
            ("https://a/b", "http://c/d#e", "http://c/d"), ("http://a/b", "?c", "http://a/?c"),
            ("http://a/b", "file:///etc/passwd", nil), ("http://a/b", "https://c:99999/", nil),
            ("http://a/b", "unix:/x", nil), ("http://a/b", "//:1/", nil), ("http://a/b", "c d", nil),
        ])
    func redirects(from: String, location: String, to: String?) throws {
        let url = try SourceURL(from)
        #expect((try? url.resolving(location))?.text == to)
    }

    @Test("URLs of images may be of any length and bytes without a trap")
    func anything() {
        for byte in UInt8.min...UInt8.max {
            for text in ["http://a:\(Character(Unicode.Scalar(byte)))/", "http://\(Character(Unicode.Scalar(byte)))"] {
                _ = try? SourceURL(text)
            }
        }
        #expect(throws: AgentError.self) { try SourceURL("http://a/" + String(repeating: "b", count: 5000)) }
    }
}

@Suite("The pace of a source")
struct FetchPaceTests {
    @Test("A source may be slow at first, and not for ever")
    func pace() {
        let pace = FetchPace(patienceMilliseconds: 1000, leastBytesPerSecond: 10, longestMilliseconds: 10_000)
        #expect(pace.problem(bytes: 0, milliseconds: 1000) == nil)
        #expect(pace.problem(bytes: 19, milliseconds: 2000) != nil)
        #expect(pace.problem(bytes: 20, milliseconds: 2000) == nil)
        #expect(pace.problem(bytes: .max, milliseconds: 10_001) != nil)
    }
}
