import Crypto
import Fleet
import Hummingbird
import JSONText
import Mesh
import Primitives

// `Router` is a name of both Mesh and Hummingbird; this file speaks of neither.

extension APIRoutes {
    private static let usualTicketSeconds: Int64 = 3600
    private static let largestTicketSeconds: Int64 = 30 * 86_400

    /// A ticket that lets newcomers in.
    func createTicket(_ request: Request, _ context: APIContext) async throws -> Response {
        try await authorize(.write, request, context)
        let body = try await body(request, context)
        let seconds = body["ttlSeconds"].map { $0.integer ?? 0 } ?? Self.usualTicketSeconds
        guard (1...Self.largestTicketSeconds).contains(seconds) else {
            throw APIStatus(.invalid, "ttlSeconds must be a whole number of 1 to \(Self.largestTicketSeconds)")
        }
        let uses = body["uses"].map { $0.integer ?? 0 } ?? 1
        guard (1...1000).contains(uses) else { throw APIStatus(.invalid, "uses must be a whole number of 1 to 1000") }
        let view = try await backendView(.linearizable)
        let node = body["forNode"]?.string
        if let node, let member = view.fleet.member(name: node) {
            throw APIStatus(
                .conflict,
                "\(node) is member \(member.id): before another node takes its name over, remove it with "
                    + "'blixard cluster remove \(node)'")
        }
        let members = view.fleet.members.filter { !$0.addresses.isEmpty }.prefix(Ticket.memberLimit).map {
            Ticket.Member(
                key: $0.key, addresses: Array($0.addresses.prefix(Ticket.addressLimit)), nodeID: $0.id)
        }
        guard !members.isEmpty else {
            throw APIStatus(.serviceUnavailable, "no member has an address that a newcomer could dial")
        }
        let expiry = WallTime(milliseconds: view.now.milliseconds + seconds * 1000)
        let ticket = Ticket(
            clusterID: view.fleet.clusterID, members: members, secret: Ticket.freshSecret(), expiry: expiry)
        let grant = TicketGrant(
            secretHash: Array(SHA256.hash(data: ticket.secret)), expiresAt: expiry, uses: Int(uses),
            nodeName: node)
        try await propose(.createTicket(grant), request, body: body, context)
        return .json(["ticket": .string(ticket.text), "expiresAt": .string(expiry.rfc3339), "uses": .integer(uses)])
    }

    /// Lets a newcomer in. Any key may ask; the ticket's secret is what counts.
    func join(_ request: Request, _ context: APIContext) async throws -> Response {
        let body = try await body(request, context)
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
        guard let addresses = body["addresses"]?.array?.compactMap(\.string), !addresses.isEmpty,
            addresses.count <= Ticket.addressLimit
        else {
            throw APIStatus(.badRequest, "addresses: must be 1 to \(Ticket.addressLimit) addresses, host:port")
        }
        let answer: JoinAnswer
        do throws(BackendFailure) {
            answer = try await backend.join(
                secret: secret, key: key, addresses: addresses, name: body["name"]?.string)
        } catch {
            throw APIStatus(error)
        }
        return .json(answer.json)
    }

    /// Takes a node out of the cluster, for good: its key and its id never count again.
    ///
    /// What was bound to it stays bound to its name, because its disks were there. A node that still answers is only
    /// removed if the caller insists, and one whose vote is needed is not.
    func removeNode(_ request: Request, _ context: APIContext) async throws -> Response {
        try await authorize(.administer, request, context)
        let body = try await body(request, context)
        let name = context.parameters.get("name") ?? ""
        let view = try await backendView(.linearizable)
        guard let member = view.fleet.member(name: name) else {
            throw APIStatus(.notFound, "\"\(name)\" is the name of no member")
        }
        func isConnected(_ other: Member) -> Bool {
            other.id == view.localID || view.liveness[other.name]?.connected == true
        }
        if isConnected(member), body["force"]?.bool != true {
            throw APIStatus(
                .conflict,
                "\(name) answers: its machines may run. Stop the node and its machines first, or remove it all the "
                    + "same with --force")
        }
        let voters = view.fleet.members.filter { $0.role == .voter && $0.id != member.id }
        let connected = voters.count(where: isConnected)
        guard member.role == .learner || !voters.isEmpty && connected >= voters.count / 2 + 1 else {
            throw APIStatus(
                .conflict,
                "without \(name), \(connected) of \(voters.count) voters answer, and that is no majority: bring "
                    + "another node back first")
        }
        // The one that is left would need the other's vote to learn that it is alone.
        guard view.leader?.id != member.id || voters.count != 1 || member.role == .learner else {
            throw APIStatus(
                .conflict, "\(name) leads a cluster of two voters: stop it, and remove it once the other leads")
        }
        let machines = view.fleet.bound(to: name).filter { $0.deletion == nil }.map(\.key.name).sorted()
        let revision = try await propose(.remove(id: member.id), request, body: body, context)
        return .json([
            "name": .string(name), "id": .integer(Int64(clamping: member.id)),
            "machines": .array(machines.map(JSON.string)), "revision": .string(String(revision)),
        ])
    }

    /// Gives a user's key a role.
    func grant(_ request: Request, _ context: APIContext) async throws -> Response {
        try await authorize(.administer, request, context)
        let body = try await body(request, context)
        guard let keyText = body["key"]?.string, let key = PublicKey(hex: keyText) else {
            throw APIStatus(.badRequest, "key: must be 64 hexadecimal digits")
        }
        let roles: [(String, AccessRole)] = [("admin", .admin), ("operator", .operator), ("viewer", .viewer)]
        guard let word = body["role"]?.string, let role = roles.first(where: { $0.0 == word })?.1 else {
            let known = roles.map { "\"\($0.0)\"" }.joined(separator: ", ")
            throw APIStatus(.invalid, "role: Unsupported value: supported values: \(known)")
        }
        let name = body["name"]?.string ?? key.short
        let revision = try await propose(.grant(key: key, name: name, role: role), request, body: body, context)
        return .json([
            "key": .string(key.description), "name": .string(name), "role": .string(word),
            "revision": .string(String(revision)),
        ])
    }

    @discardableResult
    private func propose(
        _ command: Command, _ request: Request, body: JSON, _ context: APIContext
    ) async throws -> UInt64 {
        let options = try writeOptions(request, query: try query(request), body: body)
        let outcome: CommandOutcome
        do throws(BackendFailure) {
            outcome = try await backend.propose(command, request: options.request, author: context.peer)
        } catch {
            throw APIStatus(error)
        }
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
