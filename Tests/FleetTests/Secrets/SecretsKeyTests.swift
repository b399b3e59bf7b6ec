import Fleet
import Manifest
import Primitives
import Testing

@Suite("The key for secrets, and Secrets that are sealed anew")
struct SecretsKeyTests {
    private var scenario = Scenario()

    private static let secret = ObjectKey(kind: "Secret", namespace: "default", name: "db")

    private static func key(_ version: UInt32, _ byte: UInt8 = 1) -> SecretsKey {
        SecretsKey(version: version, fingerprint: [UInt8](repeating: byte, count: 32))
    }

    private static func put(_ spec: String, _ key: ObjectKey = secret) -> Mutation {
        .put(
            Put(
                key: key, labels: [:], annotations: [:], spec: Array(spec.utf8), precondition: .none, requiredNode: nil)
        )
    }

    private mutating func refusal(_ command: Command) -> Refusal? {
        let before = scenario.fleet.revision
        guard case .refused(let refusals) = scenario.run(command, author: Scenario.admin) else { return nil }
        #expect(scenario.fleet.revision == before)
        return refusals.first
    }

    @Test("keys follow each other, and of two rotations at once one is taken")
    mutating func order() {
        #expect(scenario.fleet.secretsKey == nil)
        #expect(refusal(.adoptSecretsKey(Self.key(2)))?.reason == .conflict)
        #expect(refusal(.adoptSecretsKey(Self.key(0)))?.reason == .conflict)
        #expect(scenario.run(.adoptSecretsKey(Self.key(1))) == .done(revision: scenario.fleet.revision))
        #expect(refusal(.adoptSecretsKey(Self.key(1, 2)))?.reason == .conflict)
        #expect(scenario.run(.adoptSecretsKey(Self.key(2, 2))) == .done(revision: scenario.fleet.revision))
        #expect(scenario.fleet.secretsKey == Self.key(2, 2))
        #expect(refusal(.adoptSecretsKey(SecretsKey(version: 3, fingerprint: [1])))?.reason == .invalid)
        #expect(refusal(.adoptSecretsKey(Self.key(.max)))?.reason == .conflict)
    }

    @Test("a cluster begins with the key of its bootstrap, and is not begun with half of one")
    func bootstrap() {
        func begun(_ fingerprint: [UInt8]?) -> (CommandOutcome, Fleet) {
            var fleet = Fleet()
            let outcome = fleet.apply(
                CommandEnvelope(
                    stamp: WallTime(milliseconds: 1), author: nil,
                    command: .bootstrap(
                        Bootstrap(
                            clusterID: "c", member: .init(id: 1, name: nil, key: Scenario.key(1), addresses: []),
                            adminKey: Scenario.admin, adminName: "alice", secretsFingerprint: fingerprint))), index: 1)
            return (outcome, fleet)
        }
        #expect(begun([UInt8](repeating: 1, count: 32)).1.secretsKey == Self.key(1))
        #expect(begun(nil).1.secretsKey == nil)
        let (outcome, fleet) = begun([1, 2])
        guard case .refused = outcome else { return #expect(Bool(false), "\(outcome)") }
        #expect(fleet.clusterID.isEmpty && fleet.members.isEmpty)
    }

    @Test("a snapshot keeps the key, with sets and without, and the digest tells two keys apart")
    mutating func snapshot() throws {
        scenario.run(.adoptSecretsKey(Self.key(1)))
        var other = scenario
        var restored = try Fleet(snapshot: scenario.fleet.encodeSnapshot())
        #expect(restored == scenario.fleet && restored.stateHash == scenario.fleet.stateHash)
        #expect(restored.encodeSnapshot() == scenario.fleet.encodeSnapshot())
        try scenario.applied("prod", ["a"])
        try other.applied("prod", ["a"])
        restored = try Fleet(snapshot: scenario.fleet.encodeSnapshot())
        #expect(restored == scenario.fleet && restored.secretsKey == Self.key(1))
        scenario.run(.adoptSecretsKey(Self.key(2, 2)))
        other.run(.adoptSecretsKey(Self.key(2, 3)))
        #expect(scenario.fleet != other.fleet && scenario.fleet.stateHash != other.fleet.stateHash)
        let bytes = scenario.fleet.encodeSnapshot()
        for length in 0..<bytes.count {
            #expect(throws: DecodingFailure.self) { try Fleet(snapshot: Array(bytes.prefix(length))) }
        }
    }

    @Test("what is sealed anew takes the place of the old in objects and histories, and changes nothing else")
    mutating func reseal() throws {
        try scenario.applied([Self.put("old-1"), .put(.machine("a"))], of: "prod")
        try scenario.applied([Self.put("old-2"), .put(.machine("a"))], of: "prod")
        let before = try #require(scenario.fleet[Self.secret])
        let outcome = scenario.run(
            .reseal([
                ResealedSpec(key: Self.secret, old: Array("old-1".utf8), new: Array("new-number-1".utf8)),
                ResealedSpec(key: Self.secret, old: Array("old-2".utf8), new: Array("new-2".utf8)),
                ResealedSpec(key: Self.secret, old: Array("never there".utf8), new: Array("x".utf8)),
                // Not even a node that errs changes what is no Secret.
                ResealedSpec(key: .machine("a"), old: scenario["a"].spec, new: Array("x".utf8)),
            ]))
        #expect(outcome == .batch(BatchAnswer(accepted: 3, ignored: 0, revision: scenario.fleet.revision)))
        let after = try #require(scenario.fleet[Self.secret])
        #expect(after.spec == Array("new-2".utf8))
        #expect(after.generation == before.generation && after.resourceVersion > before.resourceVersion)
        #expect(scenario.fleet.manifestSet(of: Self.secret) == "prod")
        let record = try #require(scenario.fleet.manifestSet(named: "prod"))
        #expect(record.lastRevision == 2)
        let specs = record.revisions.map { revision in
            scenario.fleet.manifests(of: revision).filter { $0.key == Self.secret }
                .map { String(decoding: $0.spec, as: UTF8.self) }
        }
        #expect(specs == [["new-number-1"], ["new-2"]])
        #expect(Set(scenario.fleet.secretSpecs.map(\.spec)).count == 2)
        // The same apply, sealed by the new key, changes nothing; and a restored fleet is the same.
        #expect(try scenario.applied([Self.put("new-2"), .put(.machine("a"))], of: "prod").set?.isNew == false)
        let restored = try Fleet(snapshot: scenario.fleet.encodeSnapshot())
        #expect(restored == scenario.fleet && restored.stateHash == scenario.fleet.stateHash)
        // It comes twice if a leader did not hear that it was taken.
        let again = scenario.run(
            .reseal([ResealedSpec(key: Self.secret, old: Array("old-2".utf8), new: Array("new-2".utf8))]))
        #expect(again == .batch(BatchAnswer(accepted: 0, ignored: 0, revision: scenario.fleet.revision)))
    }

    @Test("who was shown the values of a Secret is an event of it, and of one that is gone there is none")
    mutating func revealing() throws {
        scenario.write(Self.put("sealed"))
        let secret = try #require(scenario.fleet[Self.secret])
        scenario.run(.reveal(Self.secret, secret.uid), author: Scenario.admin)
        let event = try #require(scenario.fleet.events(for: Self.secret).last)
        #expect(event.reason == "Revealed" && event.message.contains("alice"))
        #expect(refusal(.reveal(Self.secret, UID(high: 1, low: 2)))?.reason == .notFound)
        #expect(refusal(.reveal(.machine("a"), secret.uid))?.reason == .notFound)
    }
}
