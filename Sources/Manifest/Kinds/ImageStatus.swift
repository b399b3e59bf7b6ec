public import JSONText

/// Which nodes hold an image.
public struct ImageStatus: Hashable, Sendable {
    public var nodes: [NodeCopy]

    public init(nodes: [NodeCopy]) {
        self.nodes = nodes
    }

    /// One node's copy.
    public struct NodeCopy: Hashable, Sendable {
        public enum State: String, Hashable, Sendable, CaseIterable {
            case pending = "Pending"
            case fetching = "Fetching"
            case present = "Present"
            case failed = "Failed"
        }

        /// The node's name.
        public var name: String
        /// Bytes there so far.
        public var bytes: Int64
        public var state: State
        /// Why it failed; empty otherwise.
        public var message: String

        public init(name: String, bytes: Int64, state: State, message: String) {
            self.name = name
            self.bytes = bytes
            self.state = state
            self.message = message
        }
    }
}

extension ImageStatus: StatusView {
    public init(json: JSON) throws(NotUnderstood) {
        var fields = try FieldReader(json, at: JSONPath(keys: "status"))
        self.init(nodes: [])
        for element in try fields.elements("nodes", atMost: 4096) { nodes.append(try NodeCopy(element)) }
    }

    public var json: JSON { ["nodes": .array(nodes.map(\.json))] }
}

/// By itself it is what one node reports, and what the cluster keeps for that node.
extension ImageStatus.NodeCopy: StatusView {
    public init(json: JSON) throws(NotUnderstood) {
        try self.init(FieldReader(json, at: JSONPath(keys: "status")))
    }

    fileprivate init(_ reader: FieldReader) throws(NotUnderstood) {
        var fields = reader
        self.init(
            name: try fields.require(fields.string("name"), "name"),
            bytes: try fields.integer("bytes", in: 0...Int64.max) ?? 0,
            state: try fields.require(fields.choice("state", of: State.self), "state"),
            message: try fields.string("message") ?? "")
    }

    public var json: JSON {
        [
            "name": .string(name), "bytes": .integer(bytes), "state": .string(state.rawValue),
            "message": .string(message),
        ]
    }
}
