import Manifest
import Primitives

extension Fleet {
    /// Makes a key the one that seals from now on.
    mutating func adopt(_ key: SecretsKey) throws(Refusal) -> CommandOutcome {
        let current = secretsKey?.version ?? 0
        guard key.fingerprint.count == SecretsKey.fingerprintCount else {
            throw Refusal(.invalid, "a fingerprint of a key has \(SecretsKey.fingerprintCount) bytes")
        }
        guard current < SecretsKey.largestVersion, key.version == current + 1 else {
            throw Refusal(
                .conflict, "key \(key.version) for secrets does not follow key \(current): another rotation was quicker"
            )
        }
        secretsKey = key
        return .done(revision: revision)
    }

    /// Puts specs that were sealed anew in the place of those that say the same, in objects and in the histories of
    /// sets. Neither generations nor revisions of sets change by it, because no value does.
    mutating func reseal(_ specs: [ResealedSpec]) -> CommandOutcome {
        var accepted = 0
        var bySpec: [ObjectKey: [[UInt8]: [UInt8]]] = [:]
        for resealed in specs where resealed.key.isSecret {
            bySpec[resealed.key, default: [:]][resealed.old] = resealed.new
            guard var object = objects[resealed.key], object.spec == resealed.old else { continue }
            object.spec = resealed.new
            store(object)
            accepted += 1
        }
        accepted += sets.reseal(bySpec)
        return .batch(BatchAnswer(accepted: accepted, ignored: 0, revision: revision))
    }

    /// Records that someone was shown the values of a Secret.
    ///
    /// - Throws: `notFound` if it is not the one that was asked for any more.
    mutating func recordRevealing(
        _ key: ObjectKey, uid: UID, author: PublicKey?
    ) throws(Refusal) -> CommandOutcome {
        guard key.isSecret, objects[key]?.uid == uid else {
            throw Refusal(reason: .notFound, key: key, field: nil, message: "\(key.quoted) is not there any more")
        }
        let who = author.map { key in access[key].map { "\($0.name) (key \(key.short))" } ?? "key \(key.short)" }
        record([
            EventDraft(
                regarding: key, uid: uid, type: .normal, reason: "Revealed",
                message: "its values were shown to \(who ?? "the cluster")", source: "cluster")
        ])
        return .done(revision: revision)
    }
}

extension SetTable {
    /// Gives manifests the spec that takes the place of theirs; answers how many.
    ///
    /// - Parameter specs: The new spec by the old one, for each object.
    fileprivate mutating func reseal(_ specs: [ObjectKey: [[UInt8]: [UInt8]]]) -> Int {
        guard !specs.isEmpty else { return 0 }
        var count = 0
        for number in manifests.keys {
            guard var manifest = manifests[number], let spec = specs[manifest.key]?[manifest.spec] else { continue }
            forgetManifest(number)
            manifest.spec = spec
            keepManifest(manifest, number)
            count += 1
        }
        guard count > 0 else { return 0 }
        for (name, record) in records {
            let numbers = record.revisions.reduce(into: Set<UInt64>()) { $0.formUnion($1.manifests) }
            records[name]?.manifestBytes = numbers.reduce(0) { $0 + (manifests[$1]?.bytes ?? 0) }
        }
        return count
    }
}
