extension LabelSelector {
    /// Reads a selector; empty text requires nothing.
    ///
    /// - Throws: For a text that is no selector, and for one of too many requirements or values.
    public init(_ text: String) throws(SelectorError) {
        var reader = Reader(text: text)
        requirements = try reader.requirements()
    }

    private struct Reader {
        let text: String
        var rest: Substring
        private var valueCount = 0

        init(text: String) {
            self.text = text
            rest = Substring(text)
        }

        mutating func requirements() throws(SelectorError) -> [Requirement] {
            var requirements: [Requirement] = []
            skipSpaces()
            guard !rest.isEmpty else { return [] }
            while true {
                requirements.append(try requirement())
                guard requirements.count <= LabelSelector.mostRequirements, valueCount <= LabelSelector.mostValues
                else {
                    throw failure(
                        "it may have \(LabelSelector.mostRequirements) requirements and \(LabelSelector.mostValues) "
                            + "values at most")
                }
                skipSpaces()
                if rest.isEmpty { return requirements }
                guard take(",") else { throw failure("found '\(rest.first!)', expected ',' or the end") }
            }
        }

        private mutating func requirement() throws(SelectorError) -> Requirement {
            skipSpaces()
            if take("!") { return .doesNotExist(key: try key()) }
            let key = try key()
            skipSpaces()
            if take("!=") { return .isNoneOf(key: key, values: [try value()]) }
            if take("==") || take("=") { return .isOneOf(key: key, values: [try value()]) }
            if takeWord("in") { return .isOneOf(key: key, values: try values()) }
            if takeWord("notin") { return .isNoneOf(key: key, values: try values()) }
            guard rest.isEmpty || rest.first == "," else {
                throw failure("found '\(rest.first!)' after \(key), expected '=', '==', '!=', 'in', 'notin' or ','")
            }
            return .exists(key: key)
        }

        private mutating func key() throws(SelectorError) -> String {
            let key = word()
            if let problem = NameRules.labelKeyProblem(key) { throw failure("\"\(key)\": \(problem)") }
            return key
        }

        private mutating func value() throws(SelectorError) -> String {
            valueCount += 1
            let value = word()
            if let problem = NameRules.labelValueProblem(value) { throw failure("\"\(value)\": \(problem)") }
            return value
        }

        private mutating func values() throws(SelectorError) -> [String] {
            skipSpaces()
            guard take("(") else { throw failure("expected '(' after 'in' or 'notin'") }
            var values: [String] = []
            repeat {
                values.append(try value())
                skipSpaces()
            } while take(",")
            guard take(")") else { throw failure("a list of values must end with ')'") }
            return values
        }

        /// What stands up to the next space or sign of the grammar.
        private mutating func word() -> String {
            skipSpaces()
            let word = rest.prefix { !" ,=!()".contains($0) }
            rest = rest[word.endIndex...]
            return String(word)
        }

        private mutating func take(_ sign: String) -> Bool {
            guard rest.hasPrefix(sign) else { return false }
            rest.removeFirst(sign.count)
            return true
        }

        private mutating func takeWord(_ word: String) -> Bool {
            guard rest.hasPrefix(word) else { return false }
            // No further than the word: a selector may be long, and this is asked at each of its keys.
            let behind = rest.dropFirst(word.count)
            guard behind.first.map({ " (".contains($0) }) ?? true else { return false }
            rest = behind
            return true
        }

        private mutating func skipSpaces() {
            rest = rest.drop { $0 == " " }
        }

        private func failure(_ problem: String) -> SelectorError { SelectorError(selector: text, problem: problem) }
    }
}
