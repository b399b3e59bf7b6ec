public import JSONText

extension ImageStatus: StatusView {
    public init(json: JSON) throws(NotUnderstood) {
        var fields = try FieldReader(json, at: JSONPath(keys: "status"))
        self.init(nodes: [])
        for element in try fields.elements("nodes") { nodes.append(try NodeCopy(element)) }
    }

    public var json: JSON { ["nodes": .array(nodes.map(\.json))] }
}

extension ImageStatus.NodeCopy {
    fileprivate init(_ reader: FieldReader) throws(NotUnderstood) {
        var fields = reader
        self.init(
            name: try fields.require(fields.string("name"), "name"),
            bytes: try fields.integer("bytes", in: 0...Int64.max) ?? 0,
            state: try fields.require(fields.choice("state", of: State.self), "state"),
            message: try fields.string("message") ?? "")
    }

    fileprivate var json: JSON {
        [
            "name": .string(name), "bytes": .integer(bytes), "state": .string(state.rawValue),
            "message": .string(message),
        ]
    }
}
