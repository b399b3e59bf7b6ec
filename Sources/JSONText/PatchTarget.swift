import Primitives

/// A value while a JSON patch changes it, and how much it holds.
struct PatchTarget {
    private(set) var value: JSON
    /// Of the value, at all depths.
    private var valueCount: Int

    init(_ value: JSON) throws(JSONPatchError) {
        self.value = value
        valueCount = value.extent.count
        guard valueCount <= JSONPatch.largestValueCount else {
            throw JSONPatchError(
                .tooLarge, operation: nil, "what a JSON patch changes may hold \(JSONPatch.largestValueCount) values")
        }
    }

    /// - Parameter index: Of the operation, for the error.
    mutating func apply(_ operation: JSONPatch.Operation, index: Int) throws(JSONPatchError) {
        do throws(PatchProblem) {
            switch operation {
            case .add(let path, let new): try add(new, at: path)
            case .remove(let path): try remove(path)
            case .replace(let path, let new): try replace(path, by: new)
            case .move(let origin, let path): try move(origin, to: path)
            case .copy(let origin, let path): try add(try found(origin), at: path)
            case .test(let path, let expected):
                guard try found(path) == expected else {
                    throw PatchProblem(
                        reason: .testFailed, path: path, text: "the value is not the one that was tested for")
                }
            }
        } catch {
            throw JSONPatchError(error.reason, operation: index, error.detail)
        }
    }

    private func found(_ path: JSONPath) throws(PatchProblem) -> JSON {
        guard let found = value.value(at: path) else { throw .missing(path) }
        return found
    }

    private mutating func add(_ new: JSON, at path: JSONPath) throws(PatchProblem) {
        let extent = new.extent
        guard path.steps.count + extent.depth <= Limits.jsonDepth else {
            throw PatchProblem(
                reason: .tooLarge, path: path, text: "the result may nest at most \(Limits.jsonDepth) levels deep")
        }
        valueCount += extent.count
        guard valueCount <= JSONPatch.largestValueCount else {
            throw PatchProblem(
                reason: .tooLarge, path: path,
                text: "the result may hold at most \(JSONPatch.largestValueCount) values")
        }
        let old = try value.put(new, at: path.steps[...], of: path)
        valueCount -= old?.extent.count ?? 0
    }

    private mutating func replace(_ path: JSONPath, by new: JSON) throws(PatchProblem) {
        // What is added to a place that has a value takes its place, but for elements of an array.
        guard case .index(let index)? = path.steps.last, value.value(at: path.parent)?.array != nil else {
            _ = try found(path)
            return try add(new, at: path)
        }
        try remove(path)
        try add(new, at: JSONPath(path.steps.dropLast() + [.index(index)]))
    }

    @discardableResult
    private mutating func remove(_ path: JSONPath) throws(PatchProblem) -> JSON {
        guard !path.steps.isEmpty else {
            throw PatchProblem(reason: .notApplicable, path: path, text: "the whole document can't be taken away")
        }
        let removed = try value.take(at: path.steps[...], of: path)
        valueCount -= removed.extent.count
        return removed
    }

    private mutating func move(_ origin: JSONPath, to path: JSONPath) throws(PatchProblem) {
        let (from, to) = (origin.pointer, path.pointer)
        if from.hasSameBytes(as: to) {
            _ = try found(origin)
            return
        }
        guard !to.utf8.starts(with: (from + "/").utf8) else {
            throw PatchProblem(reason: .notApplicable, path: origin, text: "a value can't be moved into itself")
        }
        try add(try remove(origin), at: path)
    }
}

/// Why one operation can't be done.
struct PatchProblem: Error {
    var reason: JSONPatchError.Reason
    var path: JSONPath
    var text: String

    static func missing(_ path: JSONPath) -> PatchProblem {
        PatchProblem(reason: .notApplicable, path: path, text: "there is no value")
    }

    var detail: String {
        let pointer = path.pointer
        return (pointer.isEmpty ? "the document" : String(pointer.prefix(128))) + ": " + text
    }
}

extension JSONPath {
    fileprivate var parent: JSONPath { JSONPath(Array(steps.dropLast())) }
}

extension JSONPath.Step {
    /// As a member's key; a JSON pointer does not tell keys and indexes apart.
    fileprivate var key: String {
        switch self {
        case .key(let key): key
        case .index(let index): String(index)
        }
    }

    /// As a place in an array of so many elements, the one behind its end among them; nil if it is none.
    fileprivate func place(inArrayOf count: Int) -> Int? {
        switch self {
        case .key(let key): key.hasSameBytes(as: "-") ? count : nil
        case .index(let index): index <= count ? index : nil
        }
    }
}

extension JSON {
    /// How many values this is, at all depths, and how deep arrays and objects nest in it.
    fileprivate var extent: (count: Int, depth: Int) {
        let parts: [JSON]
        switch self {
        case .array(let elements): parts = elements
        case .object(let object): parts = object.members.map(\.value)
        default: return (1, 0)
        }
        var extent = (count: 1, depth: 0)
        for part in parts {
            let inner = part.extent
            extent.count += inner.count
            extent.depth = max(extent.depth, inner.depth)
        }
        return (extent.count, extent.depth + 1)
    }

    /// Puts a value where the steps lead from here: a new member, a member's new value, or a new element before the one
    /// at an index. Answers what it took the place of.
    ///
    /// - Parameter path: All of the way, for the error.
    fileprivate mutating func put(
        _ new: JSON, at steps: ArraySlice<JSONPath.Step>, of path: JSONPath
    ) throws(PatchProblem) -> JSON? {
        guard let step = steps.first else {
            defer { self = new }
            return self
        }
        return try descend(step, isLast: steps.count == 1, of: path) { (holder) throws(PatchProblem) -> JSON? in
            switch holder {
            case .object(var object):
                holder = .null  // The object is held once while it changes, so that it is not copied.
                let old = object[step.key]
                object[step.key] = new
                holder = .object(object)
                return old
            case .array(var elements):
                guard let place = step.place(inArrayOf: elements.count) else {
                    throw PatchProblem(
                        reason: .notApplicable, path: path,
                        text: "the last step must be an index from 0 to \(elements.count), or - for the end")
                }
                holder = .null
                elements.insert(new, at: place)
                holder = .array(elements)
                return nil
            default: throw .missing(path)
            }
        } below: { (inner) throws(PatchProblem) -> JSON? in
            try inner.put(new, at: steps.dropFirst(), of: path)
        }
    }

    /// Takes the value away to which the steps lead.
    fileprivate mutating func take(
        at steps: ArraySlice<JSONPath.Step>, of path: JSONPath
    ) throws(PatchProblem) -> JSON {
        guard let step = steps.first else { throw .missing(path) }
        return try descend(step, isLast: steps.count == 1, of: path) { (holder) throws(PatchProblem) -> JSON in
            switch holder {
            case .object(var object):
                guard let old = object[step.key] else { throw .missing(path) }
                holder = .null
                object[step.key] = nil
                holder = .object(object)
                return old
            case .array(var elements):
                guard let place = step.place(inArrayOf: elements.count), place < elements.count else {
                    throw .missing(path)
                }
                holder = .null
                let old = elements.remove(at: place)
                holder = .array(elements)
                return old
            default: throw .missing(path)
            }
        } below: { (inner) throws(PatchProblem) -> JSON in
            try inner.take(at: steps.dropFirst(), of: path)
        }
    }

    /// Calls `change` with this value at the last step, and `below` with the value that the step leads to before. When
    /// one of them throws, this value is of no use any more.
    private mutating func descend<Result>(
        _ step: JSONPath.Step, isLast: Bool, of path: JSONPath,
        change: (inout JSON) throws(PatchProblem) -> Result, below: (inout JSON) throws(PatchProblem) -> Result
    ) throws(PatchProblem) -> Result {
        if isLast { return try change(&self) }
        switch self {
        case .object(var object):
            guard var inner = object[step.key] else { throw .missing(path) }
            self = .null
            object[step.key] = .some(.null)
            let result = try below(&inner)
            object[step.key] = inner
            self = .object(object)
            return result
        case .array(var elements):
            guard let place = step.place(inArrayOf: elements.count), place < elements.count else {
                throw .missing(path)
            }
            self = .null
            var inner = elements[place]
            elements[place] = .null
            let result = try below(&inner)
            elements[place] = inner
            self = .array(elements)
            return result
        default: throw .missing(path)
        }
    }
}
