import Fleet
import Host
import Manifest
import Primitives
import Reconcile
import Sealing
import TestFiles

@testable import Agent

/// A fetcher with a directory of its own and an allowed directory, in which the repository `repository` is made.
final class FetchBench: Sendable {
    let scratch = TemporaryDirectory(named: "git")
    let limits: GitLimits
    let fetcher: GitFetcher
    static let uid = UID(high: 1, low: 2)

    init(_ change: (inout GitLimits) -> Void = { _ in }, executable: String? = GitProgram.path(of: "git")) throws {
        var limits = GitLimits.standard
        change(&limits)
        self.limits = limits
        let home = scratch.path + "/home"
        for directory in [home, home + "/raft", scratch.path + "/in"] { try DurableFile.createDirectory(directory) }
        try DurableFile.write([1], to: home + "/key", mode: 0o600)
        fetcher = GitFetcher(
            directory: home + "/sources",
            local: LocalRepository(
                allowed: SourceDirectories(directories: [scratch.path + "/in"]), home: home), limits: limits,
            executable: executable)
    }

    var inside: String { scratch.path + "/in" }
    var place: String { scratch.path + "/home/sources/\(Self.uid)" }

    func repository(_ name: String = "repository") throws -> TestRepository {
        try TestRepository(inside + "/" + name)
    }

    func order(
        _ url: String, _ reference: SourceReference = .head, path: String = ".", keys: [String] = [],
        known: String? = nil, uid: UID = uid
    ) -> SourceOrder {
        SourceOrder(
            key: ObjectKey(kind: "GitRepository", namespace: "", name: "infra"), uid: uid, generation: 1,
            location: Reconcile.SourceLocation(url: url, reference: reference, path: path, verifyKeys: keys),
            knownCommit: known)
    }

    /// Of a cluster with one key.
    static let key = SealingKey.random(version: 1)
    static let sealer = SecretSealer(keyring: Keyring([key]), current: key.record)

    func fetch(
        _ url: String, _ reference: SourceReference = .head, path: String = ".", keys: [String] = [],
        known: String? = nil, with credentials: GitCredentials? = nil
    ) async -> SourceAnswer? {
        await fetcher.fetch(
            order(url, reference, path: path, keys: keys, known: known), with: credentials, sealer: Self.sealer)
    }

    /// The content; a failure otherwise.
    func content(
        _ url: String, _ reference: SourceReference = .head, path: String = ".", keys: [String] = [],
        with credentials: GitCredentials? = nil
    ) async throws -> SourceContent {
        let answer = await fetch(url, reference, path: path, keys: keys, with: credentials)
        guard case .content(let content)? = answer else { throw Unexpected(description: "\(answer as Any)") }
        return content
    }

    /// The failure; content is one.
    func failure(
        _ url: String, _ reference: SourceReference = .head, path: String = ".", keys: [String] = [],
        with credentials: GitCredentials? = nil
    ) async throws -> SourceFailure {
        let answer = await fetch(url, reference, path: path, keys: keys, with: credentials)
        guard case .failed(let failure)? = answer else { throw Unexpected(description: "\(answer as Any)") }
        return failure
    }

    struct Unexpected: Error, CustomStringConvertible {
        let description: String
    }
}

extension SourceContent {
    /// The names of its objects, in their order.
    var names: [String] { mutations.map(\.key.name) }
}
