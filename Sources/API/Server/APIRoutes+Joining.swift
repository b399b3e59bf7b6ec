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
    private static let usualTicketSeconds: Int64 = 3600
    private static let largestTicketSeconds: Int64 = 30 * 86_400

    /// A ticket that lets newcomers in.
    func createTicket(_ request: Request, _ context: APIContext) async throws -> Response {
        let body = try await body(request, context, largest: limits.smallBodyBytes)
            .fields(["ttlSeconds", "uses", "forNode"])
        let seconds = body["ttlSeconds"].map { $0.integer ?? 0 } ?? Self.usualTicketSeconds
        guard (1...Self.largestTicketSeconds).contains(seconds) else {
            throw APIStatus(.invalid, "ttlSeconds must be a whole number of 1 to \(Self.largestTicketSeconds)")
        }
        let uses = body["uses"].map { $0.integer ?? 0 } ?? 1
        guard (1...1000).contains(uses) else { throw APIStatus(.invalid, "uses must be a whole number of 1 to 1000") }
        let view = try await backend.view(.linearizable)
        let node = try body.text("forNode")
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
        let expiry = WallTime(milliseconds: view.now.milliseconds + seconds * 1000)
        let ticket: Ticket
        do throws(MeshError) {
            ticket = try Ticket(
                clusterID: view.fleet.clusterID, offering: members, secret: Ticket.freshSecret(), expiry: expiry)
        } catch {
            throw APIStatus(.internalError, "\(error)")
        }
        let grant = TicketGrant(
            secretHash: Array(SHA256.hash(data: ticket.secret)), expiresAt: expiry, uses: Int(uses),
            nodeName: node)
        try await propose(.createTicket(grant), request, body: body, context)
        return .json(["ticket": .string(ticket.text), "expiresAt": .string(expiry.rfc3339), "uses": .integer(uses)])
    }

    /// Lets a newcomer in. Any key may ask; the ticket's secret is what counts.
    func join(_ request: Request, _ context: APIContext) async throws -> Response {
        let body = try await body(request, context, largest: limits.smallBodyBytes)
        guard let secret = body["secret"]?.string.flatMap({ Hex.decode($0) }), !secret.isEmpty else {
            throw APIStatus(.badRequest, "secret: must be the hexadecimal secret of a ticket")
        }
        guard let keyText = body["key"]?.string, let key = PublicKey(hex: keyText) else {
            throw APIStatus(.badRequest, "key: must be 64 hexadecimal digits")
        }
        guard key == context.peer else {
            throw APIStatus(
                .forbidden, "key \(key) is not the key of this connection, \(context.peer): join with your own key")
        }
        let listed = body["addresses"]?.array ?? []
        let addresses = listed.compactMap(\.string)
        guard addresses.count == listed.count else {
            throw APIStatus(.badRequest, "addresses: must be an array of texts, each host:port")
        }
        let name = try body.text("name")
        if let problem = JoinRules.problem(ofAddresses: addresses) ?? name.flatMap({ JoinRules.problem(ofName: $0) }) {
            throw APIStatus(.invalid, problem)
        }
        guard let incarnation = body["incarnation"]?.string.flatMap({ UInt64($0) }), incarnation > 0 else {
            throw APIStatus(
                .badRequest, "incarnation: must be the number of the newcomer's log; is its program an older one?")
        }
        let hash = Array(SHA256.hash(data: secret))
        // Without a view the connection stays among the strangers, and is answered all the same.
        if (try? await backend.view(.stale))?.fleet.hasTicket(hash: hash) == true { context.place?.noteTicket() }
        let answer = try await backend.join(
            secret: secret, key: key, addresses: addresses, name: name, incarnation: incarnation)
        return .json(answer.json)
    }

    /// Takes a node out of the cluster, for good: its id never counts again, and its key only if a new
    /// ticket lets it in as another node.
    ///
    /// What was bound to it stays bound to its name, because its disks were there. A node that still answers is only
    /// removed if the caller insists, and one whose vote is needed is not: the leader judges that. A caller that says
    /// which member it means, by its id, may ask again after a lost answer: an id is never used again, so nobody else can
    /// be taken for it.
    func removeNode(_ request: Request, _ context: APIContext) async throws -> Response {
        let body = try await body(request, context, largest: limits.smallBodyBytes).fields(["id", "force"])
        let isForced = try body.flag("force")
        let name = context.parameters.get("name") ?? ""
        let view = try await backend.view(.linearizable)
        let stated = try Self.statedID(body)
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
                .remove(id: member.id, isForced: isForced), request, body: body, context)
        } catch let status as APIStatus where status.reason == .notFound {
            // Another request for the same was quicker.
            revision = try await backend.view(.stale).fleet.revision
        }
        return Self.removed(member.id, name: name, machines: machines, revision)
    }

    private static func statedID(_ body: JSON) throws(APIStatus) -> UInt64? {
        guard let stated = body["id"], !stated.isNull else { return nil }
        guard let id = stated.integer.flatMap(UInt64.init(exactly:)), id > 0 else {
            throw APIStatus(.badRequest, "id: must be a member's number, 1 or more")
        }
        return id
    }

    private static func machines(boundTo node: String, _ view: ClusterView) -> [String] {
        view.fleet.bound(to: node).filter { $0.deletion == nil }.map(\.key.name).sorted()
    }

    private static func removed(_ id: UInt64, name: String, machines: [String], _ revision: UInt64) -> Response {
        .json([
            "name": .string(name), "id": .integer(Int64(clamping: id)),
            "machines": .array(machines.map(JSON.string)), "revision": .string(String(revision)),
        ])
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

extension JoinAnswer {
    fileprivate var json: JSON {
        [
            "clusterID": .string(clusterID), "id": .integer(Int64(clamping: id)), "name": .string(name),
            "members": .array(
                members.map { member in
                    [
                        "id": .integer(Int64(clamping: member.id)), "name": .string(member.name),
                        "key": .string(member.key.description),
                        "addresses": .array(member.addresses.map { .string($0) }),
                    ]
                }),
        ]
    }
}
