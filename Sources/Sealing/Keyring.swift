public import Fleet
public import Manifest

/// The keys for secrets that a member keeps.
public struct Keyring: Equatable, Sendable {
    /// By version, ascending. Of a version that no entry has named yet there may be several.
    public private(set) var keys: [SealingKey]

    public init(_ keys: [SealingKey] = []) {
        self.keys = keys.sorted { $0.version < $1.version }
    }

    public func key(_ record: SecretsKey) -> SealingKey? { keys.first { $0.record == record } }

    /// Adds a key; answers whether it was not there.
    public mutating func add(_ key: SealingKey) -> Bool {
        guard !keys.contains(key) else { return false }
        keys = (keys + [key]).sorted { $0.version < $1.version }
        return true
    }

    /// Drops what is of no use once the log names a key: other keys of that version or an older one, but for that of
    /// the version before, which sealed what was not sealed anew yet.
    ///
    /// - Returns: Whether there was something to drop.
    public mutating func drop(for current: SecretsKey) -> Bool {
        guard let kept = key(current) else { return false }
        let before = keys.count
        keys.removeAll { key in
            key.version + 1 < current.version || (key.version == current.version && key != kept)
        }
        return keys.count < before
    }

    /// The value of a sealed one; nil if no key here opens it.
    public func open(_ sealed: SealedValue, of secret: ObjectKey, named name: String) -> [UInt8]? {
        for key in keys where key.version == sealed.version {
            if let value = key.open(sealed, of: secret, named: name) { return value }
        }
        return nil
    }
}
