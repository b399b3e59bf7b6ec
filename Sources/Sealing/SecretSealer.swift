public import Fleet
public import Manifest
import Primitives

/// Why a Secret can't be sealed or opened here.
public enum SealingFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The cluster has no key for secrets.
    case noKey
    /// This member does not have the key that seals now.
    case missing(version: UInt32)
    /// A value that no key of this member opens.
    case closed(SecretValueName, version: UInt32)
    /// A stored spec that is no Secret's.
    case notUnderstood(String)

    public var description: String {
        switch self {
        case .noKey:
            "the cluster has no key for secrets yet: an administrator makes one with "
                + "'blixard cluster rotate-secrets-key'"
        case .missing(let version):
            "this node does not have key \(version) for secrets yet; it asks the other members for it"
        case .closed(let name, let version):
            "\(name) is sealed by key \(version), and no key of this node opens it as that value: it was sealed by "
                + "another cluster, for another name, or before the key was rotated twice"
        case .notUnderstood(let problem): problem
        }
    }
}

/// One value of a Secret, as messages name it.
public struct SecretValueName: Hashable, Sendable, CustomStringConvertible {
    public var secret: ObjectKey
    public var key: String

    public init(secret: ObjectKey, key: String) {
        self.secret = secret
        self.key = key
    }

    public var description: String { "\(key) of Secret \(secret.namespace)/\(secret.name)" }
}

/// Seals and opens Secrets with the keys that a member keeps, by the key that the log names.
public struct SecretSealer: Sendable {
    public var keyring: Keyring
    /// Nil while the cluster has none.
    public var current: SecretsKey?

    public init(keyring: Keyring, current: SecretsKey?) {
        self.keyring = keyring
        self.current = current
    }

    /// The same Secret with all of its values sealed by the key that seals now.
    ///
    /// Values that are sealed already are opened first, so a value that could never be opened is refused here.
    ///
    /// - Throws: ``SealingFailure``; a Secret without values is sealed without a key.
    public func seal(_ spec: SecretSpec, of secret: ObjectKey) throws(SealingFailure) -> SecretSpec {
        guard !spec.data.isEmpty || !spec.sealed.isEmpty else { return spec }
        guard let current else { throw .noKey }
        guard let key = keyring.key(current) else { throw .missing(version: current.version) }
        var sealed: [String: SealedValue] = [:]
        for (name, value) in try open(spec, of: secret) { sealed[name] = key.seal(value, of: secret, named: name) }
        return SecretSpec(sealed: sealed)
    }

    /// All values of a Secret.
    ///
    /// - Throws: ``SealingFailure`` for the first that can't be opened.
    public func open(_ spec: SecretSpec, of secret: ObjectKey) throws(SealingFailure) -> [String: [UInt8]] {
        var values = spec.data
        for (name, sealed) in spec.sealed.sorted(by: { $0.key < $1.key }) {
            guard let value = keyring.open(sealed, of: secret, named: name) else {
                throw .closed(SecretValueName(secret: secret, key: name), version: sealed.version)
            }
            values[name] = value
        }
        return values
    }
}

extension SecretSpec {
    /// What the cluster keeps of a Secret.
    ///
    /// - Throws: If it was written for a newer program.
    public init(stored secret: FleetObject) throws(SealingFailure) {
        do throws(NotUnderstood) {
            try self.init(canonical: secret.spec)
        } catch {
            throw .notUnderstood("\(secret.key): \(error)")
        }
    }
}
