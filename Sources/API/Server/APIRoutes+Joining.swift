import Contract
import Crypto
import Fleet
import Hummingbird
import JSONText
import Manifest
import Mesh
import Primitives

// `Router` is a name of both Mesh and Hummingbird; this file speaks of neither.

extension APIRoutes {
    /// A ticket that lets newcomers in.
    func createTicket(_ request: Request, _ context: APIContext) async throws -> Response {
        let json = try await body(request, context, largest: limits.smallBodyBytes)
        let body = try TicketRequest(json: json)
        let view = try await backend.view(.linearizable)
        let node = body.node
        if let problem = node.flatMap({ JoinRules.problem(ofName: $0) }) {
            throw APIStatus(.invalid, "forNode: \(problem)")
        }
        if let node, let member = view.fleet.member(name: node) {
            throw APIStatus(
                .conflict,
                "\(node) is member \(member.id): before another node takes its name over, remove it with "
                    + "'blixard cluster remove \(node)'")
        }
        let members = view.fleet.members.filter { !$0.addresses.isEmpty }.map {
            Ticket.Member(key: $0.key, addresses: $0.addresses, nodeID: $0.id)
        }
        guard !members.isEmpty else {
            throw APIStatus(.serviceUnavailable, "no member has an address that a newcomer could dial")
        }
        let expiry = WallTime(milliseconds: view.now.milliseconds + body.ttlSeconds * 1000)
        let ticket: Ticket
        do throws(MeshError) {
            ticket = try Ticket(
                clusterID: view.fleet.clusterID, offering: members, secret: Ticket.freshSecret(), expiry: expiry)
        } catch {
            throw APIStatus(.internalError, "\(error)")
        }
        let grant = TicketGrant(
            secretHash: Array(SHA256.hash(data: ticket.secret)), expiresAt: expiry, uses: body.uses,
            nodeName: node)
        try await propose(.createTicket(grant), request, body: json, context)
        return .json(TicketAnswer(ticket: ticket.text, expiresAt: expiry, uses: body.uses))
    }

    /// Lets a newcomer in. Any key may ask; the ticket's secret is what counts.
    func join(_ request: Request, _ context: APIContext) async throws -> Response {
        let body = try JoinRequest(json: try await body(request, context, largest: limits.smallBodyBytes))
        guard body.key == context.peer else {
            throw APIStatus(
                .forbidden,
                "key \(body.key) is not the key of this connection, \(context.peer): join with your own key")
        }
        if let problem = JoinRules.problem(ofAddresses: body.addresses)
            ?? body.name.flatMap({ JoinRules.problem(ofName: $0) })
        {
            throw APIStatus(.invalid, problem)
        }
        let hash = Array(SHA256.hash(data: body.secret))
        // Without a view the connection stays among the strangers, and is answered all the same.
        if (try? await backend.view(.stale))?.fleet.hasTicket(hash: hash) == true { context.place?.noteTicket() }
        return .json(
            try await backend.join(
                secret: body.secret, key: body.key, addresses: body.addresses, name: body.name,
                incarnation: body.incarnation))
    }

    /// Takes a node out of the cluster, for good: its id never counts again, and its key only if a new
    /// ticket lets it in as another node.
    ///
    /// What was bound to it stays bound to its name, because its disks were there. A node that still answers is only
    /// removed if the caller insists, and one whose vote is needed is not: the leader judges that. A caller that says
    /// which member it means, by its id, may ask again after a lost answer: an id is never used again, so no other can
    /// be taken for it.
    func removeNode(_ request: Request, _ context: APIContext) async throws -> Response {
        let json = try await body(request, context, largest: limits.smallBodyBytes)
        let body = try RemovalRequest(json: json)
        let stated = body.id
        let name = context.value(of: .name) ?? ""
        let view = try await backend.view(.linearizable)
        if let stated, view.fleet.member(id: stated) == nil, stated < view.fleet.nextMemberID {
            let isNameFree = view.fleet.member(name: name) == nil
            return Self.removed(
                stated, name: name, machines: isNameFree ? Self.machines(boundTo: name, view) : [],
                view.fleet.revision)
        }
        guard let member = view.fleet.member(name: name), stated == nil || stated == member.id else {
            if let stated, let other = view.fleet.member(id: stated) {
                throw APIStatus(.conflict, "member \(stated) has the name \"\(other.name)\" and not \"\(name)\"")
            }
            throw APIStatus(.notFound, "\"\(name)\" is the name of no member")
        }
        let machines = Self.machines(boundTo: name, view)
        let revision: UInt64
        do {
            revision = try await propose(
                .remove(id: member.id, isForced: body.isForced), request, body: json, context)
        } catch let status as APIStatus where status.reason == .notFound {
            // Another request for the same was quicker.
            revision = try await backend.view(.stale).fleet.revision
        }
        return Self.removed(member.id, name: name, machines: machines, revision)
    }

    private static func machines(boundTo node: String, _ view: ClusterView) -> [String] {
        view.fleet.bound(to: node).filter { $0.deletion == nil }.map(\.key.name).sorted()
    }

    private static func removed(_ id: UInt64, name: String, machines: [String], _ revision: UInt64) -> Response {
        .json(RemovalAnswer(name: name, id: id, machines: machines, revision: revision))
    }

    /// Has the cluster take any command but a write.
    @discardableResult
    func propose(
        _ command: Command, _ request: Request, body: JSON, _ context: APIContext
    ) async throws -> UInt64 {
        let options = try writeOptions(request, query: try query(request), body: body)
        let outcome = try await backend.propose(command, request: options.request, author: context.peer)
        switch outcome {
        case .refused(let refusals): throw APIStatus(refusals)
        case .done(let revision): return revision
        case .written, .joined, .batch:
            throw APIStatus(.internalError, "the command ended as \(outcome), which is no end of it")
        }
    }
}
