public import Fleet
public import Manifest

/// What a node knows of its connection to another.
public struct PeerObservation: Equatable, Sendable {
    public var isConnected: Bool
    /// Milliseconds since anything came from it; nil if nothing ever did.
    public var silentMilliseconds: Int64?

    public init(isConnected: Bool, silentMilliseconds: Int64?) {
        self.isConnected = isConnected
        self.silentMilliseconds = silentMilliseconds
    }
}

/// What the peers loop does about one node of the desired state, and why.
public struct PeerStep: Equatable, Sendable {
    public enum Action: String, Equatable, Sendable {
        /// Dial it again and again, with growing pauses.
        case dial
        /// It has to come by itself, with a ticket.
        case awaitJoin = "await-join"
        /// It is there and runs no machines until a person mends it.
        case leave
    }

    public var key: ObjectKey
    public var action: Action
    public var reason: String
}

/// What is left to do so that this node is connected with every node of the desired state.
///
/// - Parameters:
///   - local: This node's name.
///   - peers: By node name.
public func planPeers(_ fleet: Fleet, local: String, peers: [String: PeerObservation]) -> [PeerStep] {
    var steps: [PeerStep] = []
    for object in fleet.objects(kind: "Node", namespace: nil) where object.key.name != local {
        let name = object.key.name
        guard let member = fleet.member(name: name) else {
            steps.append(
                PeerStep(
                    key: object.key, action: .awaitJoin,
                    reason: "\(name) has not joined; start it with a ticket from `blixard ticket create`"))
            continue
        }
        let peer = peers[name]
        if peer?.isConnected == true {
            let status = try? NodeStatus(canonical: object.status)
            if let problem = status?.conditions["HypervisorAvailable"], problem.status == .false {
                steps.append(
                    PeerStep(key: object.key, action: .leave, reason: "it runs no machines: \(problem.message)"))
            }
            continue
        }
        let addresses = member.addresses.joined(separator: ", ")
        let age =
            peer?.silentMilliseconds.map { "last heard \($0 / 1000)s ago" } ?? "never heard since this node started"
        steps.append(PeerStep(key: object.key, action: .dial, reason: "not connected (\(addresses)), \(age)"))
    }
    return steps
}
