import JSONText

/// The node that leads, as far as the answering node knows.
public struct ClusterLeader: Equatable, Sendable {
    /// The Raft id.
    public var id: UInt64
    public var name: String

    public init(id: UInt64, name: String) {
        self.id = id
        self.name = name
    }

    init(reader: AnswerReader) throws(AnswerMismatch) {
        self.init(id: try reader.counter("id"), name: try reader.text("name"))
    }

    var json: JSON { ["id": .integer(Int64(clamping: id)), "name": .string(name)] }
}
