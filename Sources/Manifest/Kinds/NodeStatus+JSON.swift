public import JSONText
import Primitives

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
