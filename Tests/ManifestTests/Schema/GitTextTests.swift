import Testing

@testable import Manifest

/// What names a Git repository and what is in it. `PatternTests` holds the patterns of the schema against the same.
@Suite struct GitTextTests {
    typealias Text = (text: String, isValid: Bool)

    static let urls: [Text] = [
        ("https://example.org/infra.git", true), ("http://127.0.0.1:8080/a", true), ("https://[::1]:1/a", true),
        ("https://user@example.org/a", true), ("https://user:secret@example.org/a", false), ("https://a", true),
        ("https://", false), ("https:///a", false), ("https://-a/b", false), ("https://a:b/c", false),
        ("https://a:123456/c", false), ("https://a/b c", false), ("https://a/\u{e9}", false), ("https://[::1/a", false),
        ("ssh://git@example.org:22/a.git", true), ("ssh://-oProxyCommand=x/a", false), ("git://a/b", true),
        ("git@example.org:team/infra.git", true), ("git@example.org:-a", false), ("git@-a:b", false), ("git@a:", false),
        ("-a@b:c", false), ("example.org:infra.git", false), ("file:///srv/infra", true), ("file://host/a", false),
        ("file:a", false), ("/srv/infra.git", true), ("/", false), ("file:///", false), ("/a b", false),
        ("/\u{e9}", true), ("/\u{301}a", true), ("/a\n", false), ("infra", false), ("ext::sh -c id", false),
        ("", false),
        ("--upload-pack=x", false), ("ftp://a/b", false), ("git@[::1]:a", true), ("a@b@c:d", false),
    ]
    static let references: [Text] = [
        ("main", true), ("v1.2", true), ("release/1.x", true), ("feature/a-b_c#1", true), ("-a", false),
        ("a..b", false),
        ("a//b", false), ("/a", false), ("a/", false), ("a.", false), (".a", false), ("a/.b", false), ("a b", false),
        ("a~1", false), ("a^", false), ("a:b", false), ("HEAD", true), ("", false), ("a@b", true), ("@", false),
        ("a@{1}", false), ("a\n", false), ("\u{e9}", false), ("a/-b", true), ("a.-b", true),
    ]
    static let commits: [Text] = [
        (String(repeating: "0a", count: 20), true), (String(repeating: "0a", count: 32), true),
        (String(repeating: "0A", count: 20), false), (String(repeating: "0", count: 39), false), ("HEAD", false),
        (String(repeating: "0a", count: 20) + "\n", false), ("", false), (String(repeating: "0", count: 48), false),
    ]
    static let paths: [Text] = [
        (".", true), ("a", true), ("clusters/prod", true), ("a b/\u{e9}", true), ("..", false), ("a/..", false),
        ("../a", false), ("./a", false), ("a/./b", false), ("/a", false), ("a/", false), ("a//b", false), ("", false),
        ("...", true), ("..a", true), (".a", true), ("a.", true), ("a..", true), ("....", true), ("a\nb", false),
        ("a\u{7f}", false), ("-a", true), ("a/..b", true),
    ]
    static let keys: [Text] = [
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA+/ alice@example.org", true), ("ssh-ed25519 AAAA", true),
        ("ssh-rsa AAAA==", true), ("ssh-rsa AAAA===", false), ("ssh-ed25519", false), ("ssh-ed25519 ", false),
        ("ssh-ed25519  AAAA", false), ("ssh-dss AAAA", false), ("ssh-ed25519 AA AA", true), ("ssh-ed25519 A=A", false),
        ("ssh-ed25519 AAAA a\nb", false), ("ssh-ed25519 AAAA\n", false), ("ssh-ed25519 AAAA \u{e9}", false),
        ("sk-ssh-ed25519@openssh.com AAAA a b", true), ("ecdsa-sha2-nistp256 AAAA", true), ("", false),
        ("ecdsa-sha2-nistp512 AAAA", false), ("ssh-ed25519 =", false),
    ]

    @Test("What names a repository, a branch, a commit, a directory and a key is checked byte by byte")
    func texts() {
        for (format, texts) in [
            (ValueFormat.gitURL, Self.urls), (.gitReference, Self.references), (.gitCommit, Self.commits),
            (.gitPath, Self.paths), (.sshPublicKey, Self.keys),
        ] {
            for (text, isValid) in texts {
                #expect((format.problem(text) == nil) == isValid, "\(format) \"\(text)\"")
            }
        }
    }

    @Test("A repository is followed by a branch, a tag or a commit, and not by two of them")
    func references() throws {
        let reader = ManifestReader(namespace: "default", namespaceIsBinding: false)
        func read(_ spec: String) throws {
            let text =
                #"{"apiVersion":"blixard.dev/v1","kind":"GitRepository","metadata":{"name":"a"},"spec":"# + spec + "}"
            _ = try reader.read([ManifestSource(name: "a", bytes: Array(text.utf8))])
        }
        try read(##"{"url":"/srv/a"}"##)
        try read(##"{"url":"/srv/a","branch":"main"}"##)
        let error = #expect(throws: ManifestErrors.self) { try read(##"{"url":"/srv/a","branch":"main","tag":"v1"}"##) }
        #expect(error?.errors.first?.description.contains("must have exactly one of: branch, tag, commit") == true)
    }
}
