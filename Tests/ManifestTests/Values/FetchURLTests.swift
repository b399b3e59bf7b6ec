import Manifest
import Testing

@Suite struct FetchURLTests {
    static let good = [
        "http://a", "https://a/", "http://example.org:1/x", "https://example.org:65535/a/b.img?x=1&y=%2F",
        "http://10.0.0.1:8080/img", "http://[::1]:80/a", "http://[2001:db8::ff00:42:8329]/a", "http://[::]/",
        "http://[1:2:3:4:5:6:7:8]/", "http://[1:2:3:4:5:6:7::]/", "http://[::2:3:4:5:6:7:8]/", "http://a_b.c-d.e/~x",
        "https://\(String(repeating: "a", count: 63)).b/", "http://h?x", "http://h/a;b=c,d'e(f)*!$:@",
    ]
    static let bad = [
        "", "http", "http:", "http://", "https:///a", "ftp://a/b", "HTTP://a", "http://a:0/", "http://a:00080/",
        "http://a:65536/x", "http://a:99999/x", "http://a:99999999999999999999/x", "http://a:-1/", "http://a:+1/",
        "http://a:/", "http://a:80:80/", "http://a:8o/", "http://u@a/", "http://u:p@a/", "http://a/#x", "http://a/b c",
        "http://a/\u{e9}", "http://\u{e9}/", "http://a/%", "http://a/%4", "http://a/%zz", "http://a/[x]", "http://a/\\",
        "http://a/\"", "http://a/<b>", "http://a/{b}", "http://a/^", "http://a/`", "http://a/|", "http://-a/",
        "http://a-/", "http://a..b/", "http://.a/", "http://a./", "http://1.2.3/", "http://256.1.1.1/", "http://1/",
        "http://a.1/", "http://0x7f.1/", "http://[::1/", "http://[::1]x/", "http://[]/", "http://[:]/", "http://[:::]/",
        "http://[1:2:3:4:5:6:7:8:9]/", "http://[1::2::3]/", "http://[12345::]/", "http://[g::]/",
        "http://[::1%25eth0]/",
        "http://[1:2:3:4:5:6:7]/", "http://[:1:2:3:4:5:6:7]/", "http://[1:2:3:4:5:6:7:]/", "http://a\u{0}b/",
        "http://a/\u{0}", "http://a\n/", "http://\(String(repeating: "a", count: 64))/",
        "http://\(String(repeating: "a.", count: 127))aa/", "http://a/\(String(repeating: "a", count: 2048))",
    ]

    @Test("A URL that can be fetched is taken apart", arguments: good)
    func taken(text: String) throws {
        let url = try #require(FetchURL(text), "\(FetchURL.problem(text) ?? "")")
        #expect(url.text == text && url.port > 0 && !url.host.isEmpty && url.target.hasPrefix("/"))
        #expect(FetchURL.problem(text) == nil)
        #expect(ValueFormat.absolutePathOrURL.problem(text) == nil)
    }

    @Test("A text that is no URL to fetch is refused with the reason", arguments: bad)
    func refused(text: String) {
        #expect(FetchURL(text) == nil)
        #expect(FetchURL.problem(text)?.isEmpty == false)
        #expect(ValueFormat.absolutePathOrURL.problem(text)?.isEmpty == false)
    }

    @Test("A URL tells its scheme, host, port and target")
    func parts() throws {
        let url = try #require(FetchURL("https://[fe80::1]:8443/a?b=c"))
        #expect((url.scheme, url.host, url.port, url.target) == ("https", "fe80::1", 8443, "/a?b=c"))
        let short = try #require(FetchURL("http://example.org?x"))
        #expect((short.scheme, short.host, short.port, short.target) == ("http", "example.org", 80, "/?x"))
        #expect(FetchURL("https://a")?.port == 443)
    }

    @Test(
        "A redirect leads to a URL beside, below or away from the one that was asked",
        arguments: [
            ("b", "http://h:1/x/y/b"), ("/b?c", "http://h:1/b?c"), ("//o/b", "http://o/b"),
            ("?c", "http://h:1/x/y/z?c"),
            ("../b", "http://h:1/x/b"), ("../../../b", "http://h:1/b"), ("./", "http://h:1/x/y/"),
            ("..", "http://h:1/x/"),
            ("/a/./b/../c", "http://h:1/a/c"), ("https://o", "https://o"), ("b#f", "http://h:1/x/y/b"),
            ("#f", "http://h:1/x/y/z?q=../1"), ("", "http://h:1/x/y/z?q=../1"), ("b?u=a:/b", "http://h:1/x/y/b?u=a:/b"),
            ("file:///b", nil), ("http://u@h/", nil), ("a b", nil), ("ftp:x", nil), ("//", nil),
        ] as [(String, String?)])
    func redirects(location: String, place: String?) throws {
        let url = try #require(FetchURL("http://h:1/x/y/z?q=../1"))
        #expect(url.resolving(location)?.text == place)
        #expect(FetchURL("https://h")?.resolving("b")?.text == "https://h/b")
        #expect(FetchURL("https://h?x/y")?.resolving("b")?.text == "https://h/b")
    }
}
