import Crypto
import Glibc
import Host
import Manifest
import Primitives
import Synchronization

/// A file under a name of its own that an image is written to, and what has been written so far. All of it blocks.
///
/// It leaves the file system the room that others need there: the log of this node, above all.
final class ImageSink: Sendable {
    private struct State {
        /// Of the bytes written so far.
        var hash = SHA256()
        var writtenBytes: Int64 = 0
        /// Written since the file system was last looked at.
        var unlookedBytes = ImageSink.lookBytes
    }

    static let suffix = ".partial"
    /// How much is written between two looks at the file system.
    private static let lookBytes = 8 << 20

    let path: String
    private let descriptor: Int32
    private let format: ImageSpec.ImageFormat
    private let room: ImageStore.Room
    private let announced: Int64?
    private let state = Mutex(State())

    /// - Parameter announced: How many bytes will come, where that is known.
    init(
        _ path: String, format: ImageSpec.ImageFormat, room: ImageStore.Room, announced: Int64?
    ) throws(AgentError) {
        self.path = path
        self.format = format
        self.room = room
        self.announced = announced
        try ImageContent.check(byteCount: announced ?? 0, as: format)
        try room.check(forBytes: announced ?? 0)
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .system("create \(path)") }
    }

    deinit {
        close(descriptor)
    }

    func write(_ bytes: ArraySlice<UInt8>) throws(AgentError) {
        let (written, isLookDue) = state.withLock { state in
            state.hash.update(data: bytes)
            state.writtenBytes += Int64(bytes.count)
            defer { state.unlookedBytes += bytes.count }
            guard state.unlookedBytes >= Self.lookBytes else { return (state.writtenBytes, false) }
            state.unlookedBytes = 0
            return (state.writtenBytes, true)
        }
        if let announced, written > announced {
            throw AgentError("it has more than the \(announced) bytes that it was said to have")
        }
        try ImageContent.check(byteCount: written, as: format)
        if isLookDue { try room.check(forBytes: Int64(Self.lookBytes)) }
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .system("write it") }
            rest = rest.dropFirst(count)
        }
    }

    /// Gives the content its lasting name if it is what it should be: durable first, for the name says that it was
    /// checked.
    func publish(as name: String, digestHex: String) throws(AgentError) {
        let digest = Hex.encode(state.withLock { $0.hash.finalize() })
        guard digest == digestHex else {
            throw AgentError("its digest is sha256:\(digest), the Image says sha256:\(digestHex)")
        }
        try ImageContent.check(path, as: format)
        guard fsync(descriptor) == 0 else { throw .system("sync \(path)") }
        guard rename(path, name) == 0 else { throw .system("rename \(path)") }
    }
}
