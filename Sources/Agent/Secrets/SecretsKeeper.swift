import API
import Contract
import Fleet
import Host
import JSONText
import Logging
import Manifest
import Mesh
import Primitives
import Raft
import Replica
import Sealing

/// Sees to it that this node has the key that the log names, and, while it leads, that every Secret is sealed by it.
struct SecretsKeeper: Sendable {
    let core: AgentCore
    let calls: PeerCalls

    private static let roundMilliseconds: Int64 = 1000
    /// Rounds after which a leader looks through all Secrets again although the key is the same: a node that was behind
    /// may have sealed one by the key before.
    private static let roundsBetweenLooks = 60
    /// The most bytes of specs in one entry.
    private static let entryBytes = 4 << 20

    /// Runs until cancelled.
    func run() async {
        var lastLook: (version: UInt32, rounds: Int)?
        while !Task.isCancelled {
            // Ends early only by cancellation, which the loop sees.
            try? await Task.sleep(for: .milliseconds(Self.roundMilliseconds))
            let (current, isLeader) = core.host.look { ($0.fleet.secretsKey, $0.role == .leader) }
            guard let current else { continue }
            guard core.secrets.keyring.key(current) != nil else {
                await ask(for: current)
                continue
            }
            do throws(AgentError) {
                try await core.secrets.drop(for: current)
            } catch {
                core.logger.warning("old keys for secrets are still kept", metadata: ["error": "\(error)"])
            }
            guard isLeader else {
                lastLook = nil
                continue
            }
            if let last = lastLook, last.version == current.version, last.rounds < Self.roundsBetweenLooks {
                lastLook = (last.version, last.rounds + 1)
                continue
            }
            if await resealAll() { lastLook = (current.version, 0) }
        }
    }

    /// Asks the other members, one after the other, until one has the key.
    private func ask(for current: SecretsKey) async {
        for member in core.host.look({ $0.fleet.members }) where member.key != core.identity.publicKey {
            do {
                let told = try await calls.secretsKeys(of: member)
                // A key is known by its fingerprint. The one before it may still have sealed something.
                guard told.contains(where: { $0.record == current }) else { continue }
                try await core.secrets.keep(told.filter { $0.record == current || $0.version + 1 == current.version })
                core.logger.notice("got the key for secrets", metadata: ["from": "\(member.name)"])
                return
            } catch {
                core.logger.debug(
                    "a member gives no keys for secrets", metadata: ["member": "\(member.name)", "error": "\(error)"])
            }
        }
        core.logger.warning(
            "no member gives this node the key for secrets", metadata: ["version": "\(current.version)"])
    }

    /// Seals anew what an older key sealed; answers whether nothing is left.
    private func resealAll() async -> Bool {
        let fleet = core.host.look { $0.fleet }
        guard let current = fleet.secretsKey else { return true }
        let sealer = SecretSealer(keyring: core.secrets.keyring, current: current)
        var batch: [ResealedSpec] = []
        var bytes = 0
        var isWhole = true
        for (key, spec) in SealedSpecs.old(in: fleet) {
            do throws(SealingFailure) {
                let sealed = try sealer.seal(spec.secret, of: key).json.canonicalBytes
                batch.append(ResealedSpec(key: key, old: spec.bytes, new: sealed))
                bytes += spec.bytes.count + sealed.count
            } catch {
                core.logger.error("a Secret can't be sealed anew", metadata: ["error": "\(error)"])
            }
            if bytes > Self.entryBytes {
                isWhole = await propose(batch) && isWhole
                (batch, bytes) = ([], 0)
            }
        }
        return await propose(batch) && isWhole
    }

    private func propose(_ batch: [ResealedSpec]) async -> Bool {
        guard !batch.isEmpty else { return true }
        var generator = SystemRandomNumberGenerator()
        let request = RequestID.random(using: &generator)
        let submission = WriteSubmission(
            request: request, author: core.identity.publicKey, command: .reseal(batch))
        let host = core.host
        switch await core.answers.write(request, { host.post(.write($0, submission)) }) {
        case .success(.batch): return true
        case .success(let outcome):
            core.logger.warning("Secrets are not sealed anew", metadata: ["outcome": "\(outcome)"])
        case .failure(let failure):
            core.logger.warning("Secrets are not sealed anew", metadata: ["error": "\(failure)"])
        }
        return false
    }
}

/// The sealed specs of a fleet that the key which seals now has not sealed.
enum SealedSpecs {
    struct Spec {
        var bytes: [UInt8]
        var secret: SecretSpec
    }

    /// Of objects and of the histories of sets. What this program can't read it leaves as it is.
    static func old(in fleet: Fleet) -> [(key: ObjectKey, spec: Spec)] {
        fleet.secretSpecs.compactMap { key, bytes in
            guard let secret = try? SecretSpec(canonical: bytes),
                secret.sealed.values.contains(where: { $0.version != fleet.secretsKey?.version })
            else { return nil }
            return (key, Spec(bytes: bytes, secret: secret))
        }
    }
}
