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
///
/// A directive line that ends in a backslash goes on in the next. Where an expectation holds blank lines, it begins
/// with a second `----` and ends with two.
struct Scenario {
    var cases: [Case] = []

    init(_ text: String) {
        var lines = text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)[...]
        let total = lines.count
        while let first = lines.popFirst() {
            let number = total - lines.count
            var directive = Scenario.trimmed(String(first))
            guard !directive.hasPrefix("#") else { continue }
            while directive.hasSuffix("\\"), let next = lines.popFirst() {
                directive = directive.dropLast() + " " + Scenario.trimmed(String(next))
            }
            guard var found = Case(directive) else { continue }
            found.line = number
            var input: [Substring] = []
            while let line = lines.popFirst(), line != "----" { input.append(line) }
            found.input = Scenario.trimmed(input.joined(separator: "\n"))
            found.expected = Scenario.expectation(&lines)
            cases.append(found)
        }
    }

    private static func expectation(_ lines: inout ArraySlice<Substring>) -> [Substring] {
        var expected: [Substring] = []
        if lines.first == "----" {
            lines.removeFirst()
            while let line = lines.popFirst() {
                if line == "----" && lines.first == "----" {
                    lines.removeFirst()
                    break
                }
                expected.append(line)
            }
        } else {
            while let line = lines.popFirst(), !trimmed(String(line)).isEmpty { expected.append(line) }
        }
        return expected
    }

    static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        while text.first?.isWhitespace == true { text.removeFirst() }
        return String(text)
    }
}

extension Case {
    /// Reads a directive line; nil if nothing stands there.
    init?(_ line: String) {
        let words = Case.words(line[...])
        guard let first = words.first else { return nil }
        self.init(
            line: 0, directive: first, arguments: words.dropFirst().map(Case.argument), input: "", expected: [])
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
                if depth <= 0 && !word.isEmpty {
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

    private static func argument(_ word: String) -> Argument {
        guard let equals = word.firstIndex(of: "=") else { return Argument(key: word, values: nil) }
        let value = word[word.index(after: equals)...]
        let key = String(word[..<equals])
        guard value.hasPrefix("("), value.hasSuffix(")") else { return Argument(key: key, values: [String(value)]) }
        var values: [String] = []
        var depth = 0
        for character in value.dropFirst().dropLast() {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == "," && depth == 0 {
                values.append("")
            } else {
                if values.isEmpty { values.append("") }
                values[values.count - 1].append(character)
            }
        }
        return Argument(key: key, values: values)
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
    /// Everything that a file can begin with.
    private static let directives =
        InteractionEnvironment.directives.union(QuorumEnvironment.directives).union(ConfChangeEnvironment.directives)

    /// Runs a file up to its first mismatch.
    func firstMismatch(_ path: String, _ comparison: Comparison) -> Mismatch? {
        guard let first = cases.first else { return Mismatch(path: path, line: 0, expected: "a case", actual: nil) }
        guard Scenario.directives.contains(first.directive) else {
            return Mismatch(
                path: path, line: first.line, expected: "a directive", actual: "unknown command: \(first.directive)")
        }
        var environment: any Environment =
            if QuorumEnvironment.directives.contains(first.directive) {
                QuorumEnvironment()
            } else if ConfChangeEnvironment.directives.contains(first.directive) {
                ConfChangeEnvironment()
            } else {
                InteractionEnvironment()
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
