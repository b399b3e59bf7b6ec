import Fleet
import Manifest
import Sealing
import Testing

@Suite("The keys for secrets that a member keeps")
struct KeyringTests {
    private static let secret = ObjectKey(kind: "Secret", namespace: "default", name: "db")
    private let first = SealingKey.random(version: 1)
    private let second = SealingKey.random(version: 2)
    private let third = SealingKey.random(version: 3)

    @Test("what is sealed by the key before opens, and is sealed by the present one")
    func resealing() throws {
        let before = SecretSealer(keyring: Keyring([first]), current: first.record)
        let now = SecretSealer(keyring: Keyring([second, first]), current: second.record)
        let plain = SecretSpec(data: ["password": Array("hunter2".utf8), "empty": []])
        let old = try before.seal(plain, of: Self.secret)
        #expect(old.data.isEmpty && old.sealed["password"]?.version == 1)
        let new = try now.seal(old, of: Self.secret)
        #expect(new.sealed["password"]?.version == 2)
        #expect(try now.open(new, of: Self.secret) == plain.data)
        #expect(try now.seal(plain, of: Self.secret) == new, "unchanged values stay as they are")
    }

    @Test("what can't be sealed or opened says why")
    func failures() throws {
        let plain = SecretSpec(data: ["password": [1]])
        #expect(throws: SealingFailure.noKey) {
            try SecretSealer(keyring: Keyring(), current: nil).seal(plain, of: Self.secret)
        }
        #expect(throws: SealingFailure.missing(version: 2)) {
            try SecretSealer(keyring: Keyring([first]), current: second.record).seal(plain, of: Self.secret)
        }
        let foreign = try SecretSealer(keyring: Keyring([third]), current: third.record).seal(plain, of: Self.secret)
        #expect(
            throws: SealingFailure.closed(SecretValueName(secret: Self.secret, key: "password"), version: 3)
        ) { try SecretSealer(keyring: Keyring([first]), current: first.record).seal(foreign, of: Self.secret) }
        // Sealed for another Secret: it opens nowhere else.
        let sealer = SecretSealer(keyring: Keyring([first]), current: first.record)
        let mine = try sealer.seal(plain, of: Self.secret)
        let other = ObjectKey(kind: "Secret", namespace: "other", name: "db")
        #expect(throws: SealingFailure.self) { try sealer.seal(mine, of: other) }
    }

    @Test("once the log names a key, rivals of its version and keys before the last are dropped")
    func dropping() {
        let rival = SealingKey.random(version: 3)
        var keyring = Keyring([third, first, second, rival])
        var hasDropped = keyring.drop(for: third.record)
        #expect(hasDropped && keyring.keys == [second, third])
        hasDropped = keyring.drop(for: third.record)
        #expect(!hasDropped)
        // Nothing is dropped for a key that is not there.
        var behind = Keyring([first, second])
        hasDropped = behind.drop(for: third.record)
        #expect(!hasDropped && behind.keys == [first, second])
        var isNew = behind.add(first)
        #expect(!isNew)
        isNew = behind.add(third)
        #expect(isNew && behind.key(third.record) == third)
    }
}
