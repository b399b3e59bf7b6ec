import Fleet
import Manifest
import Primitives

/// A fleet and the next index of its log, with short ways to say what tests say often.
struct Scenario {
    var fleet: Fleet
    var index: UInt64 = 0
    var clock: Int64 = 1_800_000_000_000
    private var requests: UInt64 = 0

    static let clusterID = "c-test"
    static let admin = key(200)
    static let secret = [UInt8](repeating: 7, count: 32)

    static func key(_ number: UInt8) -> PublicKey {
        guard let key = PublicKey([UInt8](repeating: number, count: 32)) else { preconditionFailure("32 bytes") }
        return key
    }

    /// Created and bootstrapped with member 1, "n1", and key 1.
    init(bounds: FleetBounds = .standard) {
        fleet = Fleet(bounds: bounds)
        run(
            .bootstrap(
                Bootstrap(
                    clusterID: Self.clusterID,
                    member: .init(id: 1, name: "n1", key: Self.key(1), addresses: ["10.0.0.1:7001"]),
                    adminKey: Self.admin, adminName: "alice")))
    }

    @discardableResult
    mutating func run(_ command: Command, author: PublicKey? = nil, stamp: Int64? = nil) -> CommandOutcome {
        index += 1
        clock += 1000
        return fleet.apply(
            CommandEnvelope(stamp: WallTime(milliseconds: stamp ?? clock), author: author, command: command),
            index: index)
    }

    mutating func nextWrite(_ mutations: [Mutation], base: UInt64? = nil) -> WriteCommand {
        requests += 1
        return WriteCommand(
            request: RequestID(high: 1, low: requests), baseRevision: base ?? fleet.revision, mutations: mutations)
    }

    @discardableResult
    mutating func write(_ mutations: Mutation...) -> CommandOutcome {
        run(.write(nextWrite(mutations)), author: Self.admin)
    }

    /// Lets another member join as a learner, and makes it a voter.
    @discardableResult
    mutating func addMember(_ name: String?, key number: UInt8, ticketFor node: String? = nil) -> CommandOutcome {
        let secret = node.map { Array(($0.utf8 + Self.secret).prefix(32)) } ?? Self.secret
        run(
            .createTicket(
                TicketGrant(
                    secretHash: secret, expiresAt: .init(milliseconds: clock * 2), uses: 100, nodeName: node)))
        return run(.join(join(name, key: number, ticket: secret)))
    }

    func join(
        _ name: String?, key number: UInt8, id: UInt64? = nil, ticket: [UInt8] = secret, incarnation: UInt64 = 1
    ) -> Join {
        Join(
            id: id ?? fleet.nextMemberID, name: name, key: Self.key(number), addresses: ["10.0.0.\(number):7001"],
            ticketHash: ticket, incarnation: incarnation)
    }

    /// Creates a machine and binds it to a node.
    @discardableResult
    mutating func createBound(_ name: String, on node: String) -> FleetObject {
        write(.put(.machine(name)))
        run(.place(PlacementBatch(bindings: [binding(name, to: node)], notes: [], events: [])))
        return self[name]
    }

    func binding(_ name: String, to node: String) -> NewBinding {
        NewBinding(
            key: .machine(name), uid: self[name].uid, generation: self[name].generation, node: node,
            allocationCounter: fleet.allocationCounter(of: node))
    }

    /// A report of a member with its own key and its next number.
    @discardableResult
    mutating func report(
        _ member: UInt64, nodeStatus: String? = nil, machines: [MachineReport] = [], images: [ImageReport] = [],
        events: [EventDraft] = []
    ) -> CommandOutcome {
        let report = NodeReport(
            member: member, sequence: fleet.reportSequence(of: member) + 1,
            nodeStatus: nodeStatus.map { Array($0.utf8) }, machines: machines, images: images, events: events)
        return run(.report(report), author: fleet.member(id: member)?.key)
    }

    /// The machine of that name, which must be there.
    subscript(name: String) -> FleetObject {
        guard let object = fleet[.machine(name)] else { preconditionFailure("no machine \(name)") }
        return object
    }
}

extension ObjectKey {
    static func machine(_ name: String) -> ObjectKey {
        ObjectKey(kind: "VirtualMachine", namespace: "default", name: name)
    }

    static func node(_ name: String) -> ObjectKey { ObjectKey(kind: "Node", namespace: "", name: name) }
    static func image(_ name: String) -> ObjectKey { ObjectKey(kind: "Image", namespace: "", name: name) }
}

extension Put {
    static func machine(
        _ name: String, spec: String = #"{"memory":"1Gi"}"#, labels: [String: String] = [:],
        precondition: Precondition = .none, node: String? = nil
    ) -> Put {
        Put(
            key: .machine(name), labels: labels, annotations: [:], spec: Array(spec.utf8), precondition: precondition,
            requiredNode: node)
    }

    static func other(_ key: ObjectKey, spec: String = "{}", labels: [String: String] = [:]) -> Put {
        Put(
            key: key, labels: labels, annotations: [:], spec: Array(spec.utf8), precondition: .none, requiredNode: nil)
    }
}

extension Delete {
    static func of(
        _ key: ObjectKey, uid: UID? = nil, version: UInt64? = nil, grace: Int? = nil, ignoreMissing: Bool = false
    ) -> Delete {
        Delete(key: key, uid: uid, resourceVersion: version, graceSeconds: grace, ignoreMissing: ignoreMissing)
    }
}

extension CommandOutcome {
    var results: [MutationResult] {
        if case .written(let answer) = self { answer.results } else { [] }
    }

    var operations: [MutationResult.Operation] { results.map(\.operation) }

    var refusals: [Refusal] {
        if case .refused(let refusals) = self { refusals } else { [] }
    }

    var reasons: [Refusal.Reason] { refusals.map(\.reason) }

    var accepted: Int? {
        if case .batch(let answer) = self { answer.accepted } else { nil }
    }

    var ignored: Int? {
        if case .batch(let answer) = self { answer.ignored } else { nil }
    }
}

extension FleetBounds {
    static let tiny = FleetBounds(
        requests: 4, answerBytes: 1 << 20, changes: 8, changeBytes: 1 << 20, events: 6, eventsPerObject: 3,
        departedObjects: 2)
}
