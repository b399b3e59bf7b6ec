import JSONText
import Primitives

extension Schema {
    /// Everything in which a value breaks this schema, in the order of the value's text.
    func violations(of value: JSON, at path: JSONPath) -> [Violation] {
        var violations: [Violation] = []
        check(value, at: path, into: &violations)
        return violations
    }

    private func check(_ value: JSON, at path: JSONPath, into violations: inout [Violation]) {
        if keywords.refusesAll {
            violations.append(.forbidden(path, "may not be set here"))
            return
        }
        if let type = keywords.type, !type.admits(value) {
            violations.append(.wrongType(path, value, type.phrase))
            return
        }
        if let choices = keywords.choices, !choices.contains(value) {
            violations.append(unsupported(value, choices, at: path))
            return
        }
        let before = violations.count
        switch value {
        case .integer, .number: checkBounds(of: value, at: path, into: &violations)
        case .string(let string): check(string, value, at: path, into: &violations)
        case .array(let elements): check(elements, at: path, into: &violations)
        case .object(let object): check(object, at: path, into: &violations)
        case .null, .bool: break
        }
        // Which alternative is meant is a question only for a value that is right by itself.
        guard violations.count == before, !keywords.oneOf.isEmpty else { return }
        if keywords.oneOf.count(where: { $0.violations(of: value, at: path).isEmpty }) != 1 {
            let titles = keywords.oneOf.map { $0.keywords.title ?? "an alternative" }.joined(separator: ", ")
            violations.append(.invalid(path, value, "must have exactly one of: \(titles)"))
        }
    }

    private func unsupported(_ value: JSON, _ choices: [JSON], at path: JSONPath) -> Violation {
        let listed = choices.map(Violation.shown).joined(separator: ", ")
        var detail = "Unsupported value: \(Violation.shown(value)): supported values: \(listed)"
        if let word = value.string, let near = EditDistance.nearest(to: word, among: choices.compactMap(\.string)) {
            detail += ", did you mean \"\(near)\"?"
        }
        return Violation(path: path, reason: .notSupported, detail: detail)
    }

    private func checkBounds(of value: JSON, at path: JSONPath, into violations: inout [Violation]) {
        if let minimum = keywords.minimum, value.isNumber(below: minimum) {
            violations.append(.invalid(path, value, "must be greater than or equal to \(minimum)"))
        }
        if let maximum = keywords.maximum, value.isNumber(above: maximum) {
            violations.append(.invalid(path, value, "must be less than or equal to \(maximum)"))
        }
    }

    private func check(_ string: String, _ value: JSON, at path: JSONPath, into violations: inout [Violation]) {
        if let maximum = keywords.maxLength, string.utf8.count > maximum {
            violations.append(
                Violation(path: path, reason: .tooLong, detail: "Too long: may not be more than \(maximum) bytes"))
            return
        }
        if let minimum = keywords.minLength, string.unicodeScalars.count < minimum {
            violations.append(.invalid(path, value, "must be at least \(minimum) characters long"))
        }
        guard let format = keywords.format else { return }
        if let problem = format.problem(string) {
            violations.append(.invalid(path, value, problem))
        } else if let quantity = Quantity(string) {
            if let minimum = keywords.minimumQuantity, quantity < minimum {
                violations.append(.invalid(path, value, "must be greater than or equal to \(minimum)"))
            }
            if let maximum = keywords.maximumQuantity, quantity > maximum {
                violations.append(.invalid(path, value, "must be less than or equal to \(maximum)"))
            }
        }
    }

    private func check(_ elements: [JSON], at path: JSONPath, into violations: inout [Violation]) {
        if let minimum = keywords.minItems, elements.count < minimum {
            violations.append(
                Violation(
                    path: path, reason: .invalid,
                    detail: "Invalid value: \(elements.count): must have at least \(minimum) items"))
        }
        if let maximum = keywords.maxItems, elements.count > maximum {
            violations.append(
                Violation(
                    path: path, reason: .tooMany,
                    detail: "Too many: \(elements.count): must have at most \(maximum) items"))
            return
        }
        var seen: Set<ExactText> = []
        for (index, element) in elements.enumerated() {
            keywords.items?.check(element, at: path.appending(index), into: &violations)
            if let key = keywords.elementKey, let name = element[key]?.string, !seen.insert(ExactText(name)).inserted {
                violations.append(.duplicate(path.appending(index).appending(key), .string(name)))
            }
        }
    }

    private func check(_ object: JSONObject, at path: JSONPath, into violations: inout [Violation]) {
        if let maximum = keywords.maxProperties, object.count > maximum {
            let detail = "Too many: \(object.count): must have at most \(maximum) items"
            violations.append(Violation(path: path, reason: .tooMany, detail: detail))
            return
        }
        if let maximum = keywords.maxBytes {
            let bytes = object.reduce(0) { $0 + $1.key.utf8.count + ($1.value.string?.utf8.count ?? 0) }
            if bytes > maximum {
                let detail = "Too long: \(bytes) bytes in all: may not be more than \(maximum) bytes"
                violations.append(Violation(path: path, reason: .tooLong, detail: detail))
                return
            }
        }
        for name in keywords.required where !object.contains(name) {
            violations.append(.required(path.appending(name)))
        }
        for member in object {
            let place = path.appending(member.key)
            keywords.propertyNames?.check(.string(member.key), at: place, into: &violations)
            if let schema = property(member.key) {
                schema.check(member.value, at: place, into: &violations)
            } else if case .forbidden = keywords.additionalProperties {
                // What is not listed needs no hint: of a million names it would take minutes to look for one.
                let isListed = violations.count < ManifestReader.listedErrors
                violations.append(unknownField(member.key, at: place, hinted: isListed))
            }
        }
    }

    private func unknownField(_ name: String, at path: JSONPath, hinted: Bool) -> Violation {
        guard hinted else { return Violation(path: path, reason: .unknownField, detail: "unknown field") }
        let known = keywords.properties.map(\.name).sorted()
        let hint =
            if let near = EditDistance.nearest(to: name, among: known) {
                ", did you mean \"\(near)\"?"
            } else {
                ": known fields here: " + known.joined(separator: ", ")
            }
        return Violation(path: path, reason: .unknownField, detail: "unknown field \"\(path)\"" + hint)
    }
}

extension Schema.ValueType {
    func admits(_ value: JSON) -> Bool {
        switch (self, value) {
        case (.object, .object), (.array, .array), (.string, .string), (.integer, .integer), (.boolean, .bool): true
        default: false
        }
    }

    /// `an integer`, `a string`.
    var phrase: String {
        switch self {
        case .object: "an object"
        case .array: "an array"
        case .string: "a string"
        case .integer: "an integer"
        case .boolean: "a boolean"
        }
    }
}
