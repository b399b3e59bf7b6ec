/// One case of a data-driven file: a directive, its input, and what is to be printed.
struct Case {
    var line: Int
    var directive: String
    var arguments: [Argument]
    var input: String
    var expected: [Substring]

    struct Argument {
        var key: String
        /// Nil for a word without `=`.
        var values: [String]?
    }

    /// The arguments without a value.
    var plain: [String] { arguments.filter { $0.values == nil }.map(\.key) }

    func values(_ key: String) -> [String]? { arguments.first { $0.key == key && $0.values != nil }?.values }
    func value(_ key: String) -> String? { values(key)?.first }
    func flag(_ key: String) -> Bool { value(key) == "true" }
    func number(_ key: String) -> UInt64? { value(key).flatMap { UInt64($0) } }
}

/// A data-driven file: `directive`, input, `----`, expectation, blank line.
struct Scenario {
    var cases: [Case] = []

    init(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var at = 0
        while at < lines.count {
            guard !lines[at].isEmpty, !lines[at].hasPrefix("#") else {
                at += 1
                continue
            }
            let line = at + 1
            let words = Scenario.words(lines[at])
            at += 1
            var input: [Substring] = []
            while at < lines.count && lines[at] != "----" {
                input.append(lines[at])
                at += 1
            }
            at += 1
            var expected: [Substring] = []
            while at < lines.count && !lines[at].isEmpty {
                expected.append(lines[at])
                at += 1
            }
            cases.append(
                Case(
                    line: line, directive: words[0], arguments: words.dropFirst().map(Scenario.argument),
                    input: Scenario.trimmed(input.joined(separator: "\n")), expected: expected))
        }
    }

    static func trimmed(_ text: String) -> String {
        var text = text[...]
        while let last = text.last, last == " " || last == "\n" { text.removeLast() }
        while let first = text.first, first == " " || first == "\n" { text.removeFirst() }
        return String(text)
    }

    /// Splits at spaces outside of parentheses.
    private static func words(_ line: Substring) -> [String] {
        var words: [String] = []
        var word = ""
        var depth = 0
        for character in line {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == " " {
                if depth == 0 && !word.isEmpty {
                    words.append(word)
                    word = ""
                }
            } else {
                word.append(character)
            }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    private static func argument(_ word: String) -> Case.Argument {
        guard let equals = word.firstIndex(of: "=") else { return Case.Argument(key: word, values: nil) }
        var value = word[word.index(after: equals)...]
        let key = String(word[..<equals])
        guard value.hasPrefix("("), value.hasSuffix(")") else {
            return Case.Argument(key: key, values: [String(value)])
        }
        value = value.dropFirst().dropLast()
        return Case.Argument(key: key, values: value.split(separator: ",").map(String.init))
    }
}

/// How two outputs are compared.
enum Comparison {
    /// Byte for byte.
    case exact
    /// Without log lines, blank lines and a lone `ok`.
    case protocolOnly

    func reduce(_ lines: [Substring]) -> [Substring] {
        guard self == .protocolOnly else { return lines }
        return lines.filter { line in
            let text = line.drop { $0 == " " }
            let isLog = ["DEBUG ", "INFO ", "WARN ", "ERROR "].contains { text.hasPrefix($0) }
            return !isLog && !text.isEmpty && line != "ok"
        }
    }
}

/// Where a file and what was printed part.
struct Mismatch: CustomStringConvertible {
    var path: String
    var line: Int
    var expected: String?
    var actual: String?

    var description: String {
        func quoted(_ text: String?) -> String { text.map { "`\($0)`" } ?? "the end" }
        return "\(path):\(line): expected \(quoted(expected)), got \(quoted(actual))"
    }
}

/// What can perform a directive.
protocol Environment {
    mutating func perform(_ test: Case) -> String
}

extension Scenario {
    /// Runs a file up to its first mismatch.
    func firstMismatch(_ path: String, _ comparison: Comparison) -> Mismatch? {
        guard let first = cases.first else { return Mismatch(path: path, line: 0, expected: "a case", actual: nil) }
        var environment: any Environment =
            switch first.directive {
            case "committed", "vote": QuorumEnvironment()
            case "simple", "enter-joint", "leave-joint": ConfChangeEnvironment()
            default: InteractionEnvironment()
            }
        for test in cases {
            var output = environment.perform(test)
            if !output.hasSuffix("\n") { output += "\n" }
            var lines = output.split(separator: "\n", omittingEmptySubsequences: false)
            lines.removeLast()
            let actual = comparison.reduce(lines)
            let expected = comparison.reduce(test.expected)
            guard actual != expected else { continue }
            let same = zip(actual, expected).prefix { $0 == $1 }.count
            return Mismatch(
                path: path, line: test.line,
                expected: same < expected.count ? String(expected[same]) : nil,
                actual: same < actual.count ? String(actual[same]) : nil)
        }
        return nil
    }
}
