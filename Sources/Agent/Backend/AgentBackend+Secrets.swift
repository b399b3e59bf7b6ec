import API
import Contract
import Fleet
import Mesh
import Primitives
import Replica
import Sealing

extension AgentBackend {
    var sealer: SecretSealer {
        SecretSealer(keyring: core.secrets.keyring, current: core.host.look { $0.fleet.secretsKey })
    }

    func keep(_ keys: [SealingKey]) async throws(APIStatus) {
        do throws(AgentError) {
            try await core.secrets.keep(keys)
        } catch {
            throw APIStatus(.internalError, "\(error)")
        }
    }

    /// A key is named in the log only when every member keeps it. Until then nothing is sealed by it, so that a rotation
    /// which ends anywhere before loses nothing.
    func rotateSecretsKey(request: RequestID, author: PublicKey) async throws(APIStatus) -> SecretsKeyRotation {
        let fleet = try await view(.linearizable).fleet
        let version = (fleet.secretsKey?.version ?? 0) + 1
        guard version <= SecretsKey.largestVersion else {
            throw APIStatus(.conflict, "there is no key after key \(version - 1)")
        }
        let old = SealedSpecs.old(in: fleet)
        if let first = old.first {
            throw APIStatus(
                .conflict,
                "\(old.count) specs of Secrets, such as \(first.key)'s, are not sealed by key \(version - 1) yet; the "
                    + "leader seals them anew: try again in a moment")
        }
        let key = SealingKey.random(version: version)
        try await keep([key])
        let failures = await share(key, with: fleet.members.filter { $0.key != core.identity.publicKey })
        guard failures.isEmpty else {
            throw .unavailable(
                "every member must keep a new key before it is used, and these did not: "
                    + failures.joined(separator: "; ") + ". Key \(version - 1) seals as before")
        }
        switch try await propose(.adoptSecretsKey(key.record), request: request, author: author) {
        case .done: return SecretsKeyRotation(version: version, members: fleet.members.map(\.name))
        case .refused(let refusals): throw APIStatus(refusals)
        case .written, .joined, .batch:
            throw APIStatus(.internalError, "the cluster gave an answer that belongs to another command")
        }
    }

    /// Why members did not keep the key, by name.
    private func share(_ key: SealingKey, with members: [Member]) async -> [String] {
        await withTaskGroup(of: String?.self) { group in
            for member in members { group.addTask { await share(key, with: member) } }
            var failures: [String] = []
            for await failure in group { if let failure { failures.append(failure) } }
            return failures.sorted()
        }
    }

    private func share(_ key: SealingKey, with member: Member) async -> String? {
        do throws(ClientFailure) {
            try await peers.keep(SecretsKeys(keys: [SharedSecretsKey(key)]), at: member)
            return nil
        } catch {
            return "\(member.name) (\(error))"
        }
    }
}
