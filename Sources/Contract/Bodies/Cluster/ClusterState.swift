public import JSONText

/// The answer to `GET /blixard/v1/cluster`: the cluster as the answering node knows it, also without a quorum.
public struct ClusterState: AnswerBody {
    public static let title = "the cluster's state"

    public var clusterID: String
    /// Of the node that answers.
    public var answeredBy: String
    /// Nil when no leader is known.
    public var leader: ClusterLeader?
    public var term: UInt64
    public var quorum: QuorumView
    /// The fleet's.
    public var revision: UInt64
    /// The fleet's.
    public var level: UInt32
    public var appliedIndex: UInt64
    public var commitIndex: UInt64
    /// Sixteen hexadecimal digits, equal on every node that has applied the same.
    public var stateHash: String
    /// Whether a quorum confirmed it.
    public var consistency: ReadConsistency
    /// By id.
    public var nodes: [ClusterNode]

    public init(
        clusterID: String, answeredBy: String, leader: ClusterLeader?, term: UInt64, quorum: QuorumView,
        revision: UInt64, level: UInt32, appliedIndex: UInt64, commitIndex: UInt64, stateHash: String,
        consistency: ReadConsistency, nodes: [ClusterNode]
    ) {
        self.clusterID = clusterID
        self.answeredBy = answeredBy
        self.leader = leader
        self.term = term
        self.quorum = quorum
        self.revision = revision
        self.level = level
        self.appliedIndex = appliedIndex
        self.commitIndex = commitIndex
        self.stateHash = stateHash
        self.consistency = consistency
        self.nodes = nodes
    }

    public init(_ reader: AnswerReader) throws(AnswerMismatch) {
        clusterID = try reader.text("clusterID")
        answeredBy = try reader.text("answeredBy")
        leader = try reader.optional("leader", ClusterLeader.init(reader:))
        term = try reader.counter("term")
        quorum = try reader.nested("quorum", QuorumView.init(reader:))
        revision = try reader.revision("revision")
        level = try reader.number("level", in: 0...UInt32.max)
        appliedIndex = try reader.counter("appliedIndex")
        commitIndex = try reader.counter("commitIndex")
        stateHash = try reader.text("stateHash")
        guard let consistency = ReadConsistency(rawValue: try reader.text("consistency")) else {
            throw reader.mismatch("consistency", "\"linearizable\" or \"stale\"")
        }
        self.consistency = consistency
        nodes = try reader.elements("nodes", ClusterNode.init(reader:))
    }

    public var json: JSON {
        [
            "clusterID": .string(clusterID),
            "name": .string(answeredBy),
            "leader": leader?.json ?? .null,
            "term": .integer(Int64(clamping: term)),
            "quorum": quorum.json,
            "revision": .string(String(revision)),
            "level": .integer(Int64(level)),
            "appliedIndex": .integer(Int64(clamping: appliedIndex)),
            "commitIndex": .integer(Int64(clamping: commitIndex)),
            "stateHash": .string(stateHash),
            "consistency": .string(consistency.rawValue),
            "nodes": .array(nodes.map(\.json)),
            "answeredBy": .string(answeredBy),
        ]
    }
}
