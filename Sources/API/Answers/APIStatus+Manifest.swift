import Contract
import JSONText
import Manifest

extension APIStatus {
    /// What is wrong with one object in the body of a request, in the words of Kubernetes: fields that do not exist
    /// fail strict decoding (400), everything else makes the object invalid (422).
    init(_ errors: ManifestErrors, of key: ObjectKey) {
        if Self.areStrictDecoding(errors) {
            self.init(.badRequest, Self.strictDecodingMessage(errors), key: key, causes: Self.causes(errors))
            return
        }
        let messages = errors.errors.map(\.message)
        let list = messages.count == 1 ? messages[0] : "[" + messages.joined(separator: ", ") + "]"
        self.init(
            .invalid, "\(key.kind).\(KindInfo.group) \"\(key.name)\" is invalid: \(list)", key: key,
            causes: Self.causes(errors))
    }

    /// What is wrong with the documents of an apply: one line each, with where the document stood.
    init(setOf errors: ManifestErrors) {
        if Self.areStrictDecoding(errors) {
            let lines = errors.errors.map(\.description).joined(separator: "\n")
            self.init(.badRequest, "strict decoding error: \(lines)", causes: Self.causes(errors))
        } else {
            self.init(.invalid, errors.description, causes: Self.causes(errors))
        }
    }

    private static func areStrictDecoding(_ errors: ManifestErrors) -> Bool {
        errors.errors.allSatisfy { $0.reason == .unknownField }
    }

    private static func strictDecodingMessage(_ errors: ManifestErrors) -> String {
        "strict decoding error: " + errors.errors.map(\.message).joined(separator: ", ")
    }

    private static func causes(_ errors: ManifestErrors) -> [Cause] {
        errors.errors.map { error in
            Cause(
                reason: error.reason.rawValue, message: error.detail,
                field: error.path.steps.isEmpty ? nil : error.path.description)
        }
    }
}
