import Manifest
import Primitives

extension Fleet {
    /// Makes the empty fleet a cluster.
    mutating func apply(_ bootstrap: Bootstrap) throws(Refusal) -> CommandOutcome {
        guard clusterID.isEmpty else {
            throw Refusal(.bootstrap, "this log already is the cluster \(clusterID): a cluster is created once")
        }
        let founder = bootstrap.member
        let name = founder.name ?? "node-\(founder.id)"
        guard !bootstrap.clusterID.isEmpty, !name.isEmpty else {
            throw Refusal(.invalid, "a cluster needs an id, and its first node a name")
        }
        guard founder.id > 0, founder.id < 1 << 32 else {
            throw Refusal(.invalid, "\(founder.id) is no id for the first member: give 1")
        }
        guard bootstrap.secretsFingerprint.map(\.count) ?? SecretsKey.fingerprintCount == SecretsKey.fingerprintCount
        else { throw Refusal(.invalid, "a fingerprint of a key has \(SecretsKey.fingerprintCount) bytes") }
        clusterID = bootstrap.clusterID
        secretsKey = bootstrap.secretsFingerprint.map { SecretsKey(version: 1, fingerprint: $0) }
        let member = Member(
            id: founder.id, name: name, key: founder.key, addresses: founder.addresses, role: .voter,
            joinedAt: time, level: level, incarnation: 0)
        memberTable.add(member)
        access[bootstrap.adminKey] = AccessEntry(key: bootstrap.adminKey, name: bootstrap.adminName, role: .admin)
        touchNode(named: name)
        recordMember(member, "Founded", "founded the cluster as member \(member.id), and votes")
        return .done(revision: revision)
    }

    mutating func grant(_ entry: AccessEntry) throws(Refusal) -> CommandOutcome {
        guard entry.role != .node else {
            throw Refusal(.invalid, "the role of a node is not granted: a node joins with a ticket")
        }
        if let member = memberTable[key: entry.key] {
            throw Refusal(
                .keyTaken, "key \(entry.key.short) is that of node \"\(member.name)\": give users keys of their own")
        }
        try keepAdministrator(besides: entry.role == .admin ? nil : entry.key)
        access[entry.key] = entry
        return .done(revision: revision)
    }

    mutating func revoke(_ key: PublicKey) throws(Refusal) -> CommandOutcome {
        guard access[key] != nil else { throw Refusal(.notFound, "key \(key.short) has no role") }
        try keepAdministrator(besides: key)
        access[key] = nil
        return .done(revision: revision)
    }

    /// A cluster without an administrator could never be given one again.
    private func keepAdministrator(besides key: PublicKey?) throws(Refusal) {
        guard let key, access[key]?.role == .admin else { return }
        guard access.values.contains(where: { $0.role == .admin && $0.key != key }) else {
            throw Refusal(.invalid, "key \(key.short) is the last administrator: grant another one first")
        }
    }
}
