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
