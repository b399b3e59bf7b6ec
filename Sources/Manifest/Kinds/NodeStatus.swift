public import JSONText
public import Primitives

/// What a node says of itself.
public struct NodeStatus: Hashable, Sendable {
    /// Its id in Raft, never reused.
    public var raftID: UInt64
    public var publicKey: PublicKey
    /// Where it can be dialed: `host:port`.
    public var addresses: [String]
    public var role: NodeRole
    /// Of the program that it runs.
    public var version: String
    /// What it has.
    public var capacity: NodeResources
    /// What machines may use of it.
    public var allocatable: NodeResources
    /// `kvm`, `tcg` or `simulated`.
    public var accelerator: String?
    public var conditions: [Condition]

    public init(
        raftID: UInt64, publicKey: PublicKey, addresses: [String], role: NodeRole, version: String,
        capacity: NodeResources, allocatable: NodeResources, accelerator: String?, conditions: [Condition]
    ) {
        self.raftID = raftID
        self.publicKey = publicKey
        self.addresses = addresses
        self.role = role
        self.version = version
        self.capacity = capacity
        self.allocatable = allocatable
        self.accelerator = accelerator
        self.conditions = conditions
    }
}

public enum NodeRole: String, Hashable, Sendable, CaseIterable {
    case voter
    case learner
}

public struct NodeResources: Hashable, Sendable {
    public var cpus: Int
    public var memoryBytes: Int64

    public init(cpus: Int, memoryBytes: Int64) {
        self.cpus = cpus
        self.memoryBytes = memoryBytes
    }
}

extension NodeStatus: StatusView {
    public init(json: JSON) throws(NotUnderstood) {
        var fields = try FieldReader(json, at: JSONPath(keys: "status"))
        let keyText = try fields.require(fields.string("publicKey"), "publicKey")
        guard let publicKey = PublicKey(hex: keyText) else {
            throw NotUnderstood(
                path: fields.path.appending("publicKey"),
                problem: .unexpected(found: keyText, allowed: "64 hexadecimal digits"))
        }
        self.init(
            raftID: try fields.require(fields.counter("raftID"), "raftID"),
            publicKey: publicKey,
            addresses: try fields.strings("addresses") ?? [],
            role: try fields.require(fields.choice("role", of: NodeRole.self), "role"),
            version: try fields.string("version") ?? "",
            capacity: try NodeResources(fields.require(fields.nested("capacity"), "capacity")),
            allocatable: try NodeResources(fields.require(fields.nested("allocatable"), "allocatable")),
            accelerator: try fields.string("accelerator"),
            conditions: try fields.conditions())
    }

    /// What is nil or empty is left out.
    public var json: JSON {
        var json: JSON = [
            "raftID": .counter(raftID), "publicKey": .string(publicKey.description), "role": .string(role.rawValue),
            "version": .string(version), "capacity": capacity.json, "allocatable": allocatable.json,
        ]
        if !addresses.isEmpty { json["addresses"] = .array(addresses.map(JSON.string)) }
        json["accelerator"] = accelerator.map(JSON.string)
        if !conditions.isEmpty { json["conditions"] = .array(conditions.map(\.json)) }
        return json
    }
}

extension NodeResources {
    fileprivate init(_ reader: FieldReader) throws(NotUnderstood) {
        var fields = reader
        self.init(
            cpus: try fields.require(fields.integer("cpus", in: 0...Int.max), "cpus"),
            memoryBytes: try fields.require(fields.quantity("memory", in: 0...Int64.max), "memory"))
    }

    fileprivate var json: JSON { ["cpus": .integer(Int64(cpus)), "memory": .quantity(memoryBytes)] }
}
