import Contract
import Fleet
import Hummingbird
import JSONText
import Manifest
import Sealing

extension APIRoutes {
    /// The values of a Secret, for an administrator. That they are shown is recorded first.
    func reveal(_ request: Request, _ context: APIContext) async throws -> Response {
        let key = KindInfo.secret.key(
            namespace: context.value(of: .namespace) ?? "", name: context.value(of: .name) ?? "")
        let body = try await body(request, context, largest: limits.smallBodyBytes)
        guard let secret = try await backend.view(.linearizable).fleet[key] else { throw APIStatus.notFound(key) }
        let values: [String: [UInt8]]
        do throws(SealingFailure) {
            values = try backend.sealer.open(try SecretSpec(stored: secret), of: key)
        } catch {
            throw APIStatus(.serviceUnavailable, error.description)
        }
        try await propose(.reveal(key, secret.uid), request, body: body, context)
        try context.output.reserve(2 * values.values.reduce(0) { $0 + $1.count })
        return .json(RevealedSecret(values: values))
    }

    func rotateSecretsKey(_ request: Request, _ context: APIContext) async throws -> Response {
        let body = try await body(request, context, largest: limits.smallBodyBytes)
        let options = try writeOptions(request, query: try query(request), body: body)
        return .json(try await backend.rotateSecretsKey(request: options.request, author: context.peer))
    }

    /// The keys for secrets that this node has, for another member.
    func secretsKeys(_ request: Request, _ context: APIContext) async throws -> Response {
        try requireMember(context)
        return .json(SecretsKeys(keys: backend.sealer.keyring.keys.map(SharedSecretsKey.init)))
    }

    /// Keeps what another member says.
    func keepSecretsKeys(_ request: Request, _ context: APIContext) async throws -> Response {
        try requireMember(context)
        let offer = try SecretsKeyOffer(json: try await body(request, context, largest: limits.smallBodyBytes))
        try await backend.keep(
            try offer.keys.keys.map { (shared) throws(APIStatus) in
                guard let key = SealingKey(shared) else { throw APIStatus(.badRequest, "this is no key for secrets") }
                return key
            })
        return .json(SuccessStatus(message: nil))
    }

    private func requireMember(_ context: APIContext) throws(APIStatus) {
        guard backend.standing(of: context.peer).role == .node else {
            throw APIStatus(.forbidden, "keys for secrets go from member to member, and to no one else")
        }
    }
}
