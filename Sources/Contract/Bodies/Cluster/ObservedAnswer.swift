public import JSONText
public import Primitives
public import Reconcile

/// The answer to `GET /blixard/v1/observed`: what one node itself sees.
public struct ObservedAnswer: AnswerBody {
    public static let title = "what a node sees"

    /// The name of the node that answers.
    public var node: String
    /// Machines of its host that are not bound to it.
    public var unknownMachines: [UID]
    /// What it sees of the machines that are bound to it.
    public var observations: NodeObservations
    /// The moment of the answer, by the clock of the instants in `observations`: they travel as ages and as time to go.
    public var now: Instant

    public init(node: String, unknownMachines: [UID], observations: NodeObservations, now: Instant) {
        self.node = node
        self.unknownMachines = unknownMachines
        self.observations = observations
        self.now = now
    }

    /// Reads an answer whose instants count from its own moment, ``Instant/zero``.
    public init(_ reader: AnswerReader) throws(AnswerMismatch) {
        try self.init(reader, now: .zero)
    }

    /// Reads what another node answered, with instants of the reader's own clock.
    ///
    /// - Parameter now: The moment that the answer came, which is taken for the moment that it was given.
    /// - Throws: ``AnswerMismatch`` with the first member that is missing or is not of its form.
    public init(json: JSON, now: Instant) throws(AnswerMismatch) {
        try self.init(AnswerReader(json, at: Self.title + ": "), now: now)
    }

    private init(_ reader: AnswerReader, now: Instant) throws(AnswerMismatch) {
        node = try reader.text("node")
        unknownMachines = try reader.texts("unknownMachines").map { text throws(AnswerMismatch) in
            guard let uid = UID(text) else { throw reader.mismatch("unknownMachines", "an array of UIDs") }
            return uid
        }
        guard let observations = NodeObservations(json: reader.json, now: now) else {
            throw AnswerMismatch("\(Self.title): its machines or images are not of the form that this version reads")
        }
        self.observations = observations
        self.now = now
    }

    public var json: JSON {
        var json = observations.json(now: now)
        json["node"] = .string(node)
        json["unknownMachines"] = .array(unknownMachines.map { .string($0.description) })
        return json
    }
}
