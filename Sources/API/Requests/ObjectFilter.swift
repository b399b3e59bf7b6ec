import Contract
import Fleet
import Manifest
import Primitives

/// A field selector: of names and namespaces for every kind, and of what they are about for events.
struct ObjectFilter {
    private struct Requirement {
        let field: String
        let value: String
        let isEqual: Bool
    }

    private static let objectFields = FieldSelector.Field.allCases.map(\.rawValue)
    private static let eventFields = [
        "involvedObject.kind", "involvedObject.name", "involvedObject.namespace", "involvedObject.uid", "reason",
        "type",
    ]

    private let requirements: [Requirement]

    init(_ text: String, kind: KindInfo) throws(APIStatus) {
        let supported = Self.objectFields + (kind == .event ? Self.eventFields : [])
        var requirements: [Requirement] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: true) {
            guard let equals = part.firstIndex(of: "=") else {
                throw APIStatus(
                    .badRequest, "fieldSelector: \"\(part)\" must be a field, '=' or '!=', and a value")
            }
            let isNegated = part[..<equals].last == "!"
            let field = String(isNegated ? part[..<equals].dropLast() : part[..<equals])
            var value = part[part.index(after: equals)...]
            if !isNegated, value.first == "=" { value.removeFirst() }
            // kubectl asks events also about these; nothing here has them, so only emptiness matches.
            let isForeign = kind == .event && ["involvedObject.apiVersion", "involvedObject.fieldPath"].contains(field)
            guard supported.contains(field) || isForeign else {
                throw APIStatus(
                    .badRequest,
                    "field label not supported: \"\(field)\": supported values: \(supported.joined(separator: ", "))")
            }
            if !isForeign { requirements.append(Requirement(field: field, value: String(value), isEqual: !isNegated)) }
        }
        guard text.isEmpty || text.contains(where: { $0 != "," }) else {
            throw APIStatus(.badRequest, "fieldSelector: \"\(text)\" requires nothing")
        }
        self.requirements = requirements
    }

    /// The one name that is asked for, if it is one.
    var name: String? { requirements.first { $0.field == "metadata.name" && $0.isEqual }?.value }

    func matches(_ key: ObjectKey) -> Bool {
        matches { field in field == "metadata.name" ? key.name : key.namespace }
    }

    func matches(_ event: EventRecord) -> Bool {
        matches { field in
            switch field {
            case "metadata.name": EventRenderer.name(of: event)
            case "metadata.namespace": EventRenderer.namespace(of: event)
            case "involvedObject.kind": event.regarding.kind
            case "involvedObject.name": event.regarding.name
            case "involvedObject.namespace": event.regarding.namespace
            case "involvedObject.uid": event.uid?.description ?? ""
            case "reason": event.reason
            default: EventRenderer.typeName(of: event)
            }
        }
    }

    private func matches(_ value: (String) -> String) -> Bool {
        requirements.allSatisfy { value($0.field).hasSameBytes(as: $0.value) == $0.isEqual }
    }
}
