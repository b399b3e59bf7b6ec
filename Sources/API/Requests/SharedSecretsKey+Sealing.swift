public import Contract
public import Sealing

extension SharedSecretsKey {
    public init(_ key: SealingKey) {
        self.init(version: key.version, bytes: key.bytes)
    }
}

extension SealingKey {
    /// Nil for what is none.
    public init?(_ shared: SharedSecretsKey) {
        self.init(version: shared.version, bytes: shared.bytes)
    }
}
