import Contract
import Fleet
import Hummingbird
import Primitives

extension APIRoutes {
    /// What a request wants to do; each role may do so much.
    typealias Access = CallerRight

    /// Refuses a caller who may not do that.
    ///
    /// Judged by what this node has applied, so that it works without a quorum; the leader judges the author of a write
    /// again.
    func authorize(_ access: Access, _ request: Request, _ context: APIContext) throws(APIStatus) {
        let (role, isClusterKnown) = backend.standing(of: context.peer)
        guard isClusterKnown else {
            // Who may do what is not known here yet, so the caller asks another node, or this one later.
            throw APIStatus(
                .serviceUnavailable, "this node has not received the cluster's state yet; nothing was recorded",
                retryAfterSeconds: 1)
        }
        if Self.allows(role, access) { return }
        throw APIStatus(
            .forbidden,
            "User \"\(context.peer.short)\" cannot \(request.method.rawValue) path \"\(request.uri.path)\": "
                + Self.reason(role: role, peer: context.peer))
    }

    private static func allows(_ role: AccessRole?, _ access: Access) -> Bool {
        switch (role, access) {
        case (.admin?, _), (.operator?, .read), (.operator?, .write), (.operator?, .relay): true
        case (.viewer?, .read), (.node?, .read), (.node?, .relay): true
        default: false
        }
    }

    /// Who the caller is, by what this node has applied: the same that its requests are judged by.
    func whoAmI(_ request: Request, _ context: APIContext) async throws -> Response {
        let role = backend.standing(of: context.peer).role
        guard let role else { throw APIStatus(.forbidden, Self.reason(role: nil, peer: context.peer)) }
        let fleet = try await backend.view(.stale).fleet
        let user = fleet.accessEntries.first { $0.key == context.peer }?.name
        let name = user ?? fleet.members.first { $0.key == context.peer }?.name
        return .json(
            WhoAmI(
                key: context.peer, name: name ?? context.peer.short, role: UserRole(role)?.rawValue ?? "node",
                rights: Access.allCases.filter { Self.allows(role, $0) }.map(\.rawValue)))
    }

    private static func reason(role: AccessRole?, peer: PublicKey) -> String {
        switch role {
        case nil:
            "the key \(peer) is not admitted; an administrator admits it with "
                + "'blixard access grant \(peer) --role viewer'"
        case .viewer?: "the key has the role viewer, which only reads; an administrator can give it the role operator"
        case .operator?: "the key has the role operator; this needs the role admin"
        case .node?: "the key is a node's; users' requests need a user's key"
        case .admin?: "not even the role admin may do this"
        }
    }
}
