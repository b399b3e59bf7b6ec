import JSONText
import Testing

@testable import Manifest

/// What an editor checks by is `pattern`; what `apply` checks by is `format`. Here they are held against each other.
@Suite struct PatternTests {
    static let labels = [
        "a", "a-b", "0", "a0", "A", "-a", "a-", "a.b", "a_b", "", "\u{e9}", "a b", "a\n", "\u{212a}",
        String(repeating: "a", count: 63), String(repeating: "a", count: 64),
    ]
    static let keys =
        labels + [
            "app", "App.x_y-z", "example.org/app", "Example.org/app", "a/b/c", "/a", "a/", "a..b/c", "-a/b", "a./b",
            ".a",
            "a.", String(repeating: "a", count: 63) + "/b", String(repeating: "a", count: 64) + "/b",
            String(repeating: "a.", count: 126) + "a/b", String(repeating: "a.", count: 127) + "a/b",
            "a/" + String(repeating: "b", count: 63), "a/" + String(repeating: "b", count: 64),
        ]
    static let quantities = [
        "0", "1", "+1", "-1", "-0", "1Mi", "1.5Gi", ".5Gi", "5.", ".", "", "1e3", "1E3", "1e+3", "1e-3", "1e", "1E",
        "1K",
        "1Ki", "1ki", "1k", "1KB", "64Mii", "64MB", "64 Mi", "1.2.3", "0x1", "1m", "1u", "1n", "1Ei", "1P", "1i", "１",
        "Mi", "+", "1\n",
    ]
    static let addresses = [
        "0.0.0.0", "127.0.0.1", "255.255.255.255", "256.0.0.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.04", "::1",
        "localhost", "", "1.2.3.", "1..2.3", "+1.2.3.4", "1.2.3.4\n", "999.1.1.1", "10.0.0.1",
    ]

    static let sealed = [
        "1.", "1.YQ==", "1.YR==", "1.YWI=", "1.YWJ=", "1.YWJj", "1.YWJjZA==", "0.YQ==", "01.YQ==", "999999999.YQ==",
        "1000000000.YQ==", "1.YQ", "1.YQ=", "1.YQ===", "1.Y Q=", "1.YQ==\n", "1YQ==", ".YQ==", "a.YQ==", "+1.YQ==",
        "1..YQ==", "1.Y-_=", "1.é", "", "１.YQ==",
    ]

    private static func candidates(_ format: ValueFormat) -> [String] {
        switch format {
        case .quantity: quantities
        case .rfc1123Label: labels
        case .labelKey, .labelValue: keys
        case .ipv4: addresses
        case .absolutePathOrURL:
            FetchURLTests.good + FetchURLTests.bad.filter { $0.utf8.count <= FetchURL.longestBytes }
                + ["/", "/a", "/a b", "/a\u{7f}", "/\u{e9}", "/a/../b", "/a\n", "a/b", "//"]
        case .base64:
            sealed.map { String($0.drop { $0 != "." }.dropFirst()) } + ["====", "a", "ab==", "YQ==", "YR==", "YWI="]
        case .secretKey:
            keys + ["A_b-c.d", ".", "..", String(repeating: "k", count: 253), String(repeating: "k", count: 254)]
        case .sealedValue: sealed
        case .gitURL: GitTextTests.urls.map(\.text)
        case .gitReference: GitTextTests.references.map(\.text)
        case .gitCommit: GitTextTests.commits.map(\.text)
        case .gitPath: GitTextTests.paths.map(\.text)
        case .sshPublicKey: GitTextTests.keys.map(\.text)
        case .kernelCommandLine: ["", "console=ttyS0 quiet", "a\tb", "a\nb", "\u{7f}", "\u{0}", "\u{e9}", "a,b"]
        case .sha256:
            [
                "sha256:" + String(repeating: "0a", count: 32), "sha256:" + String(repeating: "0A", count: 32),
                "sha256:" + String(repeating: "0", count: 63), "sha256:" + String(repeating: "0", count: 65), "sha256:",
                String(repeating: "0a", count: 32), "", "sha256:" + String(repeating: "0a", count: 32) + "\n",
            ]
        }
    }

    /// Every string of every schema that has a format.
    private static func strings(_ schema: Schema) -> [Schema] {
        let keywords = schema.keywords
        var found: [Schema] = keywords.format == nil ? [] : [schema]
        for property in keywords.properties { found += strings(property.schema) }
        if let items = keywords.items { found += strings(items) }
        if let names = keywords.propertyNames { found += strings(names) }
        if case .each(let value) = keywords.additionalProperties { found += strings(value) }
        return found
    }

    @Test("Every pattern of the schemas says what its format says")
    func agreement() throws {
        var checked: Set<String> = []
        for schema in KindSchema.all.flatMap({ Self.strings($0.document) }) {
            let format = try #require(schema.keywords.format)
            let pattern = try #require(schema.keywords.pattern, "\(format) has no pattern beside it")
            guard checked.insert(pattern).inserted else { continue }
            let regex = try Regex(pattern).matchingSemantics(.unicodeScalar)
            for text in Self.candidates(format) {
                let isMatch = text.wholeMatch(of: regex) != nil
                // An amount may be well written and still be none of whole bytes.
                let isWritten = format == .quantity && Quantity(text) != nil && !text.hasPrefix("-")
                let isValid = isWritten || format.problem(text) == nil
                #expect(isMatch == isValid, "\(format) of \"\(text)\": pattern \(isMatch), format \(isValid)")
            }
        }
        #expect(checked.count >= ValueFormat.allCases.count)
    }

    @Test("The error for a wrong digest says how to get a right one")
    func digest() {
        let problem = ValueFormat.sha256.problem("sha256:abc")
        #expect(problem?.contains("sha256sum FILE") == true)
        #expect(problem?.contains("64 lower-case hexadecimal digits") == true)
    }
}
