public import JSONText

/// What an operator wants of a node, with all defaults filled in.
public struct NodeSpec: Hashable, Sendable {
    /// Whether new machines stay away from it.
    public var unschedulable = false
    /// What is kept back for the host itself.
    public var reserved = Reserved()

    /// A spec of nothing but defaults.
    public init() {}

    public struct Reserved: Hashable, Sendable {
        /// At most `mostCPUs`.
        public var cpus = 0
        /// At most `mostMemoryBytes`.
        public var memoryBytes: Int64 = 0

        static let mostCPUs = 4096
        /// 1 PiB.
        static let mostMemoryBytes: Int64 = 1 << 50

        public init() {}
    }
}

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
