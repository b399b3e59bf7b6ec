import Glibc
import Host
import Primitives
import Synchronization

extension World {
    /// The real one.
    public static func host(access: any ClusterAccess, nodes: any NodeRuntime) -> World {
        var environment: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { environment[String(pair[0])] = String(pair[1]) }
            entry += 1
        }
        return World(
            arguments: Array(CommandLine.arguments.dropFirst()), environment: environment,
            output: DescriptorSink(descriptor: STDOUT_FILENO), outputIsWatched: isatty(STDOUT_FILENO) == 1,
            errors: DescriptorSink(descriptor: STDERR_FILENO), errorsAreWatched: isatty(STDERR_FILENO) == 1,
            readInput: { () throws(FileFailure) -> [UInt8] in
                try LocalFiles.read(
                    descriptor: STDIN_FILENO, name: ManifestArguments.inputName, limit: Limits.manifestFileBytes)
            },
            fetch: { (url, limit) async throws(FileFailure) in try await WebDocument.read(url, limit: limit) },
            clock: HostClock(),
            randomBytes: { count in
                var generator = SystemRandomNumberGenerator()
                return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            },
            access: access, nodes: nodes, processes: HostProcesses(), interruptCount: Interrupts.count,
            isHungUp: Interrupts.isHungUp)
    }
}

/// Writes to a descriptor, all of it.
private final class DescriptorSink: TextSink {
    private let descriptor: Int32
    /// One writer at a time, so that lines stay whole.
    private let lock = Mutex(())

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    func write(exactly text: String) throws(OutputClosed) {
        var text = text
        try check(text.withUTF8 { write(UnsafeRawBufferPointer($0)) })
    }

    func write(bytes: [UInt8]) throws(OutputClosed) {
        try check(bytes.withUnsafeBytes { write($0) })
    }

    /// Writes all of it; answers the error's number, 0 for none.
    private func write(_ bytes: UnsafeRawBufferPointer) -> Int32 {
        lock.withLock { _ in
            var rest = bytes
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { return count < 0 ? errno : EIO }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return 0
        }
    }

    private func check(_ failure: Int32) throws(OutputClosed) {
        guard failure != 0 else { return }
        throw OutputClosed(problem: failure == EPIPE ? nil : String(cString: strerror(failure)))
    }
}

private struct HostClock: CommandClock {
    var now: Instant { SystemClock.now() }
    var wallTime: WallTime { SystemClock.wallTime() }

    func sleep(milliseconds: Int64) async throws { try await Task.sleep(for: .milliseconds(max(0, milliseconds))) }
}
