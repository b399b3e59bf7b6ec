import Glibc
import Host
import Manifest
import NIOCore
import Primitives
import Reconcile
import Replica

/// Keeps the images that machines of this node need, each once, under the digest of its content.
///
/// What lies in the directory under a digest's name was checked against it before it got that name. Nothing is taken
/// away again: disks of machines are based on it.
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
    }

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

    /// - Parameter group: Carries what is fetched; nothing urgent lives on it.
    init(room: Room, sources: Sources, group: any EventLoopGroup) {
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
            try await bring(spec, to: path)
            guard let held = try await held(path, as: spec.format) else { throw AgentError("\(path) is gone again") }
            return held
        } catch {
            return .failed(message: "\(spec.source): \(error)".harmless(limit: Self.messageScalars))
        }
    }

    /// What is there already, which needs no source; nil if nothing is.
    private func held(_ path: String, as format: ImageSpec.ImageFormat) async throws -> ImageShelf.Holding? {
        try await pool.run { () throws(AgentError) in
            guard access(path, F_OK) == 0 else { return nil }
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
        let file = try await reading.run { [sources] () throws(AgentError) in
            try SourceFile(spec.source, allowed: sources.directories, home: sources.home)
        }
        let sink = try await pool.run { [room] () throws(AgentError) in
            try ImageSink(partial, format: spec.format, room: room, announced: file.byteCount)
        }
        while true {
            try Task.checkCancellation()
            let bytes = try await reading.run { () throws(AgentError) in try file.read(upTo: Self.turnBytes) }
            if bytes.isEmpty { break }
            try await pool.run { () throws(AgentError) in try sink.write(bytes[...]) }
        }
        try await publish(sink, spec, as: path)
    }

    private func fetch(_ spec: ImageSpec, to partial: String, as path: String) async throws {
        let sink = Late<ImageSink>()
        try await WebSource(group: group, pace: sources.pace).read(spec.source) { [pool, room] announced in
            sink.fill(
                try await pool.run { () throws(AgentError) in
                    try ImageSink(partial, format: spec.format, room: room, announced: announced)
                })
        } take: { [pool] bytes in
            guard let sink = sink.value else { return }
            try await pool.run { () throws(AgentError) in try sink.write(bytes[...]) }
        }
        guard let sink = sink.value else { throw AgentError("the source gave nothing") }
        try await publish(sink, spec, as: path)
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
