import API
import Contract
import Fleet
import Host
import JSONText
import Primitives
import Sealing
import Synchronization

/// The keys for secrets that this node keeps, in `secrets.key` (mode 0600) in its data directory.
final class SecretsKeyStore: Sendable {
    private let path: String
    private let kept: Mutex<Keyring>
    /// Changes are written one after the other, away from tasks that must not wait for a disk.
    private let writer = BlockingPool(named: "secrets", threads: 1)

    private static let limit = 1 << 16

    /// Reads what there is; a directory without the file has no keys yet.
    ///
    /// - Throws: If the file can't be read; with exit code 70 if it is damaged.
    init(_ directory: NodeDirectory) throws(AgentError) {
        path = directory.secretsKeys
        kept = Mutex(try Self.read(path))
    }

    var keyring: Keyring { kept.withLock { $0 } }

    /// Keeps these keys besides those that there are; returns when they are durable.
    func keep(_ keys: [SealingKey]) async throws(AgentError) {
        try await change { keyring in keys.reduce(false) { keyring.add($1) || $0 } }
    }

    /// Drops what is of no use once the log names a key.
    func drop(for current: SecretsKey) async throws(AgentError) {
        guard keyring.keys.count > 1 else { return }
        try await change { $0.drop(for: current) }
    }

    private func change(_ change: @escaping @Sendable (inout Keyring) -> Bool) async throws(AgentError) {
        try await writer.run { [self] () throws(AgentError) in
            // One thread makes all changes, so none is lost between reading and writing.
            var keyring = kept.withLock { $0 }
            guard change(&keyring) else { return }
            try Self.write(keyring, to: path)
            let written = keyring
            kept.withLock { $0 = written }
        }
    }

    static func write(_ keyring: Keyring, to path: String) throws(AgentError) {
        let json = SecretsKeys(keys: keyring.keys.map(SharedSecretsKey.init)).json
        do throws(DiskError) {
            try DurableFile.write(json.prettyBytes + [0x0a], to: path, mode: 0o600)
        } catch {
            throw AgentError("the keys for secrets can't be written: \(error)")
        }
    }

    private static func read(_ path: String) throws(AgentError) -> Keyring {
        let bytes: [UInt8]
        do throws(DiskError) {
            bytes = try DurableFile.read(path, limit: limit)
        } catch {
            if error.isNotFound { return Keyring() }
            throw AgentError("\(error)")
        }
        // A file that is not understood is never taken for an empty one: the next change would write over it.
        guard let json = try? JSON(parsing: bytes), let shared = try? SecretsKeys(json: json),
            case let keys = shared.keys.compactMap(SealingKey.init), keys.count == shared.keys.count
        else {
            throw AgentError(
                "\(path) does not hold the keys for secrets. Restore it from a backup; or, while another member of "
                    + "the cluster has the keys, remove it, and this node asks for them", exitCode: 70)
        }
        return Keyring(keys)
    }
}
