import Host
import Primitives

/// A node's identity lives in a file named `key`, in PKCS #8 PEM, that only its owner may read.
extension Identity {
    /// Loads the identity at `path`, or creates it there if there is none.
    ///
    /// Blocks on the disk. The file is complete and synced before this returns; of two processes that create at the
    /// same moment, one wins and both answer its key.
    /// - Throws: ``MeshError/disk(_:)``, ``MeshError/file(path:problem:)``; a file that is there but no good is never
    ///   replaced.
    public static func loadOrCreate(at path: String) throws(MeshError) -> Identity {
        if let found = try load(at: path) { return found }
        let fresh = Identity()
        do throws(DiskError) {
            try DurableFile.create(Array(fresh.privateKeyPEM.utf8), at: path, mode: 0o600)
            return fresh
        } catch {
            guard error.isAlreadyThere else { throw .disk(error) }
        }
        guard let winner = try load(at: path) else {
            throw .file(path: path, problem: "it was there a moment ago and is gone; who removes it?")
        }
        return winner
    }

    /// Loads the identity at `path`; nil if there is no such file. Blocks on the disk.
    ///
    /// - Throws: ``MeshError/disk(_:)``; ``MeshError/file(path:problem:)`` if others may read it or it holds no key.
    public static func load(at path: String) throws(MeshError) -> Identity? {
        let bytes: [UInt8]
        let mode: UInt32
        do throws(DiskError) {
            guard let found = try DurableFile.readIfPresent(path, limit: 4096) else { return nil }
            bytes = found
            mode = try DurableFile.mode(of: path)
        } catch {
            throw .disk(error)
        }
        guard mode & 0o077 == 0 else {
            throw .file(path: path, problem: "others may read this private key; run: chmod 600 \(path)")
        }
        guard let identity = Identity(privateKeyPEM: String(decoding: bytes, as: UTF8.self)) else {
            throw .file(
                path: path,
                problem: "not an Ed25519 private key (PKCS #8 PEM); restore it, or remove it and join under a new key")
        }
        return identity
    }
}
