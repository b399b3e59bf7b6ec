import JSONText
public import Manifest
import Primitives
import Yams

/// The documents of a YAML text as JSON values, each with the places where its values stand.
///
/// YAML 1.2's core schema is read, strictly: where YAML 1.1 and 1.2 disagree (`on`, `0755`, `1_000`), the text is
/// refused, so that no user gets what another program would have read differently. A key twice, keys that are no
/// strings, merge keys and tags of applications are errors, and aliases may not make the text much larger.
public struct YAMLDocuments {
    public private(set) var sources: [ManifestSource] = []
    public private(set) var errors: [ManifestError] = []
    private let name: String

    public init(_ bytes: [UInt8], source name: String) {
        self.name = name
        guard let text = String(validating: bytes, as: UTF8.self) else {
            fail(nil, JSONPath.root, "the text is not UTF-8")
            return
        }
        do {
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            while let root = try parser.nextRoot() { read(root, of: text) }
        } catch let error as YamlError {
            let (mark, problem) = Self.explain(error)
            fail(mark, JSONPath.root, problem)
        } catch {
            fail(nil, JSONPath.root, "\(error)")
        }
    }

    private mutating func read(_ root: Node, of text: String) {
        // An empty document, as a trailing `---` leaves it, is nothing.
        if case .scalar(let scalar) = root, scalar.string.isEmpty, scalar.style == .plain || scalar.style == .any {
            return
        }
        var conversion = YAMLConversion(of: text, largestNodeCount: max(10_000, 4 * text.utf8.count))
        let value = conversion.convert(root, at: .root, depth: 0)
        for problem in conversion.problems { fail(problem.mark, problem.path, problem.text) }
        guard conversion.problems.isEmpty, let value else { return }
        let marks = conversion.marks
        sources.append(
            ManifestSource(
                name: name,
                content: .value(value) { path in
                    // Of a value that is not there, its nearest parent's place.
                    var steps = path.steps
                    while true {
                        if let mark = marks[JSONPath(steps)] { return mark }
                        guard !steps.isEmpty else { return nil }
                        steps.removeLast()
                    }
                }))
    }

    private mutating func fail(_ mark: Mark?, _ path: JSONPath, _ problem: String) {
        let position = mark.map { JSONPosition(line: $0.line, column: $0.column, offset: 0) }
        let text = path.steps.isEmpty ? problem : "\(path): \(problem)"
        errors.append(
            ManifestError(
                source: name, position: position, object: nil, path: path, reason: .malformed, detail: text))
    }

    private static func explain(_ error: YamlError) -> (Mark?, String) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            (mark, [context?.text, problem].compactMap(\.self).joined(separator: ": "))
        case .duplicatedKeysInMapping(let duplicates, let context):
            (context.mark, "duplicate key \(duplicates.map { "\"\($0)\"" }.joined(separator: ", "))")
        case .reader(let problem, _, _, _): (nil, "the text is no YAML: \(problem)")
        default: (nil, "the text is no YAML: \(error)")
        }
    }
}
