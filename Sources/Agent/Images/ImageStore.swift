import Crypto
import Glibc
import Host
import Manifest
import NIOCore
import Primitives
import Reconcile
import Replica

/// Keeps the images that machines of this node need, each once, under the digest of its content.
///
/// What lies in the directory under a digest's name was checked against it before it got that name, and is checked
/// again when it looks otherwise than it did then. Nothing is taken away again: disks of machines are based on it.
final class ImageStore: Sendable {
    /// The file system that images share with others.
    struct Room: Sendable {
        let directory: String
        /// What images leave free.
        let keptBytes: Int64
        /// What is free now.
        let freeBytes: @Sendable (String) throws(HostError) -> Int64

        func check(forBytes bytes: Int64) throws(AgentError) {
            let free: Int64
            do throws(HostError) {
                free = try freeBytes(directory)
            } catch {
                throw AgentError("\(error)")
            }
            guard bytes <= free - keptBytes else {
                throw AgentError(
                    "there is no room for it: \(directory) has \(free) bytes free, of which \(keptBytes) are kept "
                        + "for the node's log; free some space there")
            }
        }
    }

    /// What may be read, and how.
    struct Sources: Sendable {
        let directories: SourceDirectories
        /// The data directory, from which nothing is read.
        let home: String
        let pace: FetchPace
        /// The header by which a source is told that this node may read it.
        var authorization: @Sendable (SecretAuth) throws(CredentialProblem) -> String = { _ throws(CredentialProblem) in
            throw CredentialProblem(message: "this node opens no Secrets")
        }
    }

    /// How many images may be brought at once, each with a connection or a file and the one that it is written to.
    static let atOnce = 16

    private let limit: ConcurrencyLimit
    private let room: Room
    private let sources: Sources
    private let group: any EventLoopGroup
    /// Every call on it is short, so that sources take turns however large or slow they are.
    private let pool = BlockingPool(named: "images", threads: 2)
    /// For reading files of the host, of which some may lie on a file system that does not answer.
    private let reading = BlockingPool(named: "sources", threads: 4)
    /// What is read of a file in one turn.
    private static let turnBytes = 4 << 20
    /// What a condition has room for.
    private static let messageScalars = 2000

    /// - Parameters:
    ///   - atOnce: How many images are brought at once; the others wait.
    ///   - group: Carries what is fetched; nothing urgent lives on it.
    init(room: Room, sources: Sources, atOnce: Int, group: any EventLoopGroup) {
        limit = ConcurrencyLimit(atOnce)
        self.room = room
        self.sources = sources
        self.group = group
    }

    /// Removes what an earlier run of this node has left half done; before anything is asked for.
    func prune() async throws(AgentError) {
        try await pool.run { [directory = room.directory] () throws(AgentError) in
            do throws(DiskError) {
                let disk = FileSystemDisk()
                for name in try disk.list(directory) where name.hasSuffix(ImageSink.suffix) {
                    try disk.remove("\(directory)/\(name)")
                }
            } catch {
                throw AgentError("what is left of an image can't be removed: \(error)")
            }
        }
    }

    /// Answers `held` or `failed`; safe to repeat, and to interrupt at any moment by cancelling the task.
    func ensure(_ order: ImageOrder) async -> ImageShelf.Holding {
        let spec = order.spec
        let path = "\(room.directory)/\(spec.digestHex).\(spec.format.rawValue)"
        do {
            if let held = try await held(path, as: spec.format) { return held }
            return try await limit.run { try await bringUnlessHeld(spec, at: path) }
        } catch {
            return .failed(message: "\(spec.source): \(error)".harmless(limit: Self.messageScalars))
        }
    }

    private func bringUnlessHeld(_ spec: ImageSpec, at path: String) async throws -> ImageShelf.Holding {
        let isThere = access(path, F_OK) == 0
        if isThere {
            // Another may have brought it meanwhile.
            if let held = try await held(path, as: spec.format) { return held }
            if try await hasDigest(spec.digestHex, path) {
                try await note(path)
                if let held = try await held(path, as: spec.format) { return held }
            }
        }
        do {
            try await bring(spec, to: path)
            try await note(path)
        } catch {
            guard isThere else { throw error }
            throw AgentError("what is kept of it, \(path), has been written to since it was checked; \(error)")
        }
        guard let held = try await held(path, as: spec.format) else { throw AgentError("\(path) is gone again") }
        return held
    }

    private func note(_ path: String) async throws {
        try await pool.run { () throws(AgentError) in
            do throws(DiskError) {
                try CheckedFile.note(path)
            } catch {
                throw AgentError("what was checked can't be noted: \(error)")
            }
        }
    }

    /// Whether the file's bytes have this digest, in turns as short as those of everything else.
    private func hasDigest(_ digestHex: String, _ path: String) async throws -> Bool {
        let file = try await reading.runUnlessCancelled { try SourceFile(kept: path) }
        var hash = SHA256()
        while true {
            try Task.checkCancellation()
            let bytes = try await reading.runUnlessCancelled { try file.read(upTo: Self.turnBytes) }
            if bytes.isEmpty { return Hex.encode(hash.finalize()) == digestHex }
            hash.update(data: bytes)
        }
    }

    /// What is there already, and looks as it did when it was checked, which needs no source; nil if nothing is.
    private func held(_ path: String, as format: ImageSpec.ImageFormat) async throws -> ImageShelf.Holding? {
        try await pool.run { () throws(AgentError) in
            guard access(path, F_OK) == 0, CheckedFile.standing(of: path) == .unchanged else { return nil }
            let byteCount = try ImageContent.check(path, as: format)
            return .held(path: path, format: ImageShelf.Format(rawValue: format.rawValue) ?? .raw, bytes: byteCount)
        }
    }

    private func bring(_ spec: ImageSpec, to path: String) async throws {
        let partial = "\(path).\(UInt64.random(in: .min ... .max))\(ImageSink.suffix)"
        do {
            if spec.source.hasPrefix("/") {
                try await copy(spec, to: partial, as: path)
            } else {
                try await fetch(spec, to: partial, as: path)
            }
        } catch {
            // Giving back gigabytes takes the file system a while.
            await pool.run { () throws(Never) in _ = unlink(partial) }
            throw error
        }
    }

    private func copy(_ spec: ImageSpec, to partial: String, as path: String) async throws {
        let file = try await reading.runUnlessCancelled { [sources] in
            try SourceFile(spec.source, allowed: sources.directories, home: sources.home)
        }
        let sink = try await pool.run { [room] () throws(AgentError) in
            try ImageSink(partial, format: spec.format, room: room, announced: file.byteCount)
        }
        while true {
            try Task.checkCancellation()
            let bytes = try await reading.runUnlessCancelled { try file.read(upTo: Self.turnBytes) }
            if bytes.isEmpty { break }
            try await pool.run { () throws(AgentError) in try sink.write(bytes[...]) }
        }
        try await publish(sink, spec, as: path)
    }

    private func fetch(_ spec: ImageSpec, to partial: String, as path: String) async throws {
        let web = WebSource(group: group, pace: sources.pace)
        let sink = try await web.read(spec.source, authorization: try authorization(spec.auth)) {
            [pool, room] announced in
            try await pool.run { () throws(AgentError) in
                try ImageSink(partial, format: spec.format, room: room, announced: announced)
            }
        } take: { [pool] sink, bytes in
            try await pool.run { () throws(AgentError) in try sink.write(bytes[...]) }
        }
        try await publish(sink, spec, as: path)
    }

    private func authorization(_ auth: SecretAuth?) throws(AgentError) -> String? {
        guard let auth else { return nil }
        do throws(CredentialProblem) {
            return try sources.authorization(auth)
        } catch {
            throw AgentError("spec.auth: \(error.message)")
        }
    }

    private func publish(_ sink: ImageSink, _ spec: ImageSpec, as path: String) async throws {
        try await pool.run { () throws(AgentError) in
            try sink.publish(as: path, digestHex: spec.digestHex)
        }
    }
}

extension AgentError {
    static func system(_ action: String) -> AgentError {
        AgentError("can't \(action): \(String(cString: strerror(errno)))")
    }
}
