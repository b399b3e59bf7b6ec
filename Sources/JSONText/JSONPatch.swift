import Primitives

/// A JSON patch (RFC 6902): operations that change a value one after the other, all of them or none.
public struct JSONPatch: Hashable, Sendable {
    /// One change, or one condition for all of them. A path's last step may be `-`, the place behind an array's end.
    public enum Operation: Hashable, Sendable {
        case add(JSONPath, JSON)
        case remove(JSONPath)
        case replace(JSONPath, JSON)
        case move(from: JSONPath, to: JSONPath)
        case copy(from: JSONPath, to: JSONPath)
        case test(JSONPath, JSON)
    }

    public let operations: [Operation]

    /// The most operations of one patch.
    public static let largestCount = 1000
    /// The most values, at all depths, that a patch may change, and make. A few operations that copy would else make
    /// more than memory holds.
    public static let largestValueCount = 100_000

    /// - Precondition: There are at most ``largestCount`` operations.
    public init(_ operations: [Operation]) {
        precondition(operations.count <= Self.largestCount, "a patch of \(operations.count) operations")
        self.operations = operations
    }

    /// Reads a patch document. Members that an operation does not have are passed over, as the RFC demands.
    ///
    /// - Throws: ``JSONPatchError`` of reason `malformed`, with the first operation that is none.
    public init(json: JSON) throws(JSONPatchError) {
        guard let elements = json.array else {
            throw JSONPatchError(
                .malformed, operation: nil, "a JSON patch must be an array of operations, found \(json.typeDescription)"
            )
        }
        guard elements.count <= Self.largestCount else {
            throw JSONPatchError(
                .malformed, operation: nil,
                "a JSON patch may have at most \(Self.largestCount) operations, found \(elements.count)")
        }
        var operations: [Operation] = []
        operations.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            operations.append(try OperationReader(element, index: index).operation())
        }
        self.operations = operations
    }
}

extension JSON {
    /// This value changed by a JSON patch (RFC 6902).
    ///
    /// - Throws: ``JSONPatchError`` with the first operation that can't be done, a test that fails among them.
    public func applying(_ patch: JSONPatch) throws(JSONPatchError) -> JSON {
        var target = try PatchTarget(self)
        for (index, operation) in patch.operations.enumerated() {
            try target.apply(operation, index: index)
        }
        return target.value
    }
}

/// Reads the members of one operation.
private struct OperationReader {
    let json: JSON
    let index: Int

    init(_ json: JSON, index: Int) {
        self.json = json
        self.index = index
    }

    func operation() throws(JSONPatchError) -> JSONPatch.Operation {
        guard json.object != nil else { throw malformed("must be an object, found \(json.typeDescription)") }
        switch try text("op") {
        case "add": return .add(try path("path"), try value())
        case "remove": return .remove(try path("path"))
        case "replace": return .replace(try path("path"), try value())
        case "move": return .move(from: try path("from"), to: try path("path"))
        case "copy": return .copy(from: try path("from"), to: try path("path"))
        case "test": return .test(try path("path"), try value())
        case let other:
            throw malformed(
                "op: Unsupported value: \"\(other.prefix(64))\": supported values: \"add\", \"remove\", \"replace\", "
                    + "\"move\", \"copy\", \"test\"")
        }
    }

    private func text(_ name: String) throws(JSONPatchError) -> String {
        guard let value = json[name] else { throw malformed("\(name): Required value") }
        guard let text = value.string else {
            throw malformed("\(name): must be a text, found \(value.typeDescription)")
        }
        return text
    }

    private func value() throws(JSONPatchError) -> JSON {
        guard let value = json["value"] else { throw malformed("value: Required value") }
        return value
    }

    private func path(_ name: String) throws(JSONPatchError) -> JSONPath {
        let text = try text(name)
        guard let path = JSONPath(pointer: text) else {
            throw malformed("\(name): \"\(text.prefix(64))\" must be a JSON pointer, such as /spec/disks/0")
        }
        return path
    }

    private func malformed(_ detail: String) -> JSONPatchError {
        JSONPatchError(.malformed, operation: index, detail)
    }
}
