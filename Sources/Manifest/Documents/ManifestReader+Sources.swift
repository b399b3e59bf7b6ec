import JSONText
import Primitives

extension ManifestReader {
    /// The values of a source that should be documents: lists and arrays opened.
    func candidates(in source: ManifestSource, log: inout ErrorLog) -> [Candidate] {
        switch source.content {
        case .value(let value, let lookup):
            // An empty document of a YAML stream says nothing.
            if value.isNull { return [] }
            let locator = lookup.map { Candidate.Locator.lookup($0, prefix: .root) } ?? .nowhere
            return expand(Candidate(value: value, sourceName: source.name, locator: locator), depth: 0, log: &log)
        case .text(let bytes):
            guard bytes.count <= Limits.manifestFileBytes else {
                let detail = "Too long: may not be more than \(Limits.manifestFileBytes) bytes"
                log.add(source: source.name, position: nil, path: .root, reason: .tooLong, detail: detail)
                return []
            }
            do throws(JSONError) {
                let text = Candidate.TextSource(bytes)
                return try JSON.documents(in: bytes).flatMap { document in
                    let locator = Candidate.Locator.text(text, start: document.range.lowerBound)
                    let candidate = Candidate(value: document.value, sourceName: source.name, locator: locator)
                    return expand(candidate, depth: 0, log: &log)
                }
            } catch {
                log.add(
                    source: source.name, position: error.position, path: error.path, reason: .malformed,
                    detail: error.message)
                return []
            }
        }
    }

    /// The candidate itself, or what a `List` or an array holds. Lists may stand in an array, and no deeper.
    private func expand(_ candidate: Candidate, depth: Int, log: inout ErrorLog) -> [Candidate] {
        let elements: [JSON]
        let path: JSONPath
        if let array = candidate.value.array, depth == 0 {
            (elements, path) = (array, .root)
        } else if let items = listItems(candidate, log: &log), depth < 2 {
            (elements, path) = (items, JSONPath(keys: "items"))
        } else {
            return [candidate]
        }
        let locators = locators(candidate.locator, elements: path, count: elements.count)
        return zip(elements, locators).flatMap { element, locator in
            let inner = Candidate(value: element, sourceName: candidate.sourceName, locator: locator)
            return expand(inner, depth: depth + 1, log: &log)
        }
    }

    /// The items of a `List` of any version, or of a kind's own list, as the API answers it.
    private func listItems(_ candidate: Candidate, log: inout ErrorLog) -> [JSON]? {
        guard let kind = candidate.value["kind"]?.string,
            kind == "List" || KindInfo.all.contains(where: { $0.kind + "List" == kind })
        else { return nil }
        let path = JSONPath(keys: "items")
        switch candidate.value["items"] {
        case .array(let items)?: return items
        case nil: log.add([.required(path)], in: candidate, object: kind)
        case let other?: log.add([.wrongType(path, other, "an array")], in: candidate, object: kind)
        }
        return []
    }

    private func locators(_ locator: Candidate.Locator, elements path: JSONPath, count: Int) -> [Candidate.Locator] {
        switch locator {
        case .nowhere: return Array(repeating: .nowhere, count: count)
        case .lookup(let lookup, let prefix):
            return (0..<count).map { .lookup(lookup, prefix: (prefix + path).appending($0)) }
        case .text(let text, let start):
            return JSONPositions.elementOffsets(of: path, in: text.bytes, from: start).map { .text(text, start: $0) }
        }
    }
}
