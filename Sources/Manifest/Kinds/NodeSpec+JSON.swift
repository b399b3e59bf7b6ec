public import JSONText

extension NodeSpec: SpecView {
    public static var kind: KindInfo { .node }

    public init(json: JSON) throws(NotUnderstood) {
        var fields = try FieldReader(json, at: JSONPath(keys: "spec"))
        self.init()
        unschedulable = try fields.bool("unschedulable") ?? unschedulable
        if var nested = try fields.nested("reserved") {
            reserved.cpus = try nested.integer("cpus", in: 0...NodeSpec.Reserved.mostCPUs) ?? reserved.cpus
            reserved.memoryBytes =
                try nested.quantity("memory", in: 0...NodeSpec.Reserved.mostMemoryBytes) ?? reserved.memoryBytes
            try nested.finish()
        }
        try fields.finish()
    }

    public var json: JSON {
        [
            "unschedulable": .bool(unschedulable),
            "reserved": ["cpus": .integer(Int64(reserved.cpus)), "memory": .quantity(reserved.memoryBytes)],
        ]
    }
}
