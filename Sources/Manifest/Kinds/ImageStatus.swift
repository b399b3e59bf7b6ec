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
