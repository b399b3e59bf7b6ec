import Contract
import Fleet
import Hummingbird
import Primitives

extension APIRoutes {
    /// What a request wants to do; each role may do so much.
    enum Access: CaseIterable, Equatable, Sendable {
        case read
        case write
        /// To change who may do what.
        case administer
        /// What members ask of each other for their users.
        case relay
    }

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
        let isAllowed =
            switch (role, access) {
            case (.admin?, _), (.operator?, .read), (.operator?, .write), (.operator?, .relay): true
            case (.viewer?, .read), (.node?, .read), (.node?, .relay): true
            default: false
            }
        if isAllowed { return }
        throw APIStatus(
            .forbidden,
            "User \"\(context.peer.short)\" cannot \(request.method.rawValue) path \"\(request.uri.path)\": "
                + Self.reason(role: role, peer: context.peer))
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
