public import JSONText

/// The body of `POST /blixard/v1/nodes/NAME/remove`: takes a node out of the cluster, for good.
public struct RemovalRequest: RequestBody {
    /// The member's Raft id: an id is never used again, so a request that says it may be sent again after a lost
    /// answer. Nil means the member that has the name.
    public var id: UInt64?
    /// Whether a node that still answers is removed too.
    public var isForced: Bool

    public init(id: UInt64?, isForced: Bool) {
        self.id = id
        self.isForced = isForced
    }

    /// - Throws: 400 for a member that is wrong or not known.
    public init(json: JSON) throws(APIStatus) {
        let body = try json.fields(["id", "force"])
        isForced = try body.flag("force")
        guard let stated = body["id"], !stated.isNull else { return }
        guard let id = stated.integer.flatMap(UInt64.init(exactly:)), id > 0 else {
            throw APIStatus(.badRequest, "id: must be a member's number, 1 or more")
        }
        self.id = id
    }

    public var json: JSON {
        var json: JSON = [:]
        json["id"] = id.map { .integer(Int64(clamping: $0)) }
        json["force"] = .bool(isForced)
        return json
    }
}

/// The answer to the removal of a node.
public struct RemovalAnswer: AnswerBody {
    public static let title = "the answer to a removal"

    public var name: String
    /// The Raft id that the node had.
    public var id: UInt64
    /// The names of the machines that stay bound to the node's name.
    public var machines: [String]
    /// The fleet's.
    public var revision: UInt64

    public init(name: String, id: UInt64, machines: [String], revision: UInt64) {
        self.name = name
        self.id = id
        self.machines = machines
        self.revision = revision
    }

    public init(_ reader: AnswerReader) throws(AnswerMismatch) {
        name = try reader.text("name")
        id = try reader.counter("id")
        machines = try reader.texts("machines")
        revision = try reader.revision("revision")
    }

    public var json: JSON {
        [
            "name": .string(name), "id": .integer(Int64(clamping: id)),
            "machines": .array(machines.map { .string($0) }), "revision": .string(String(revision)),
        ]
    }
}
