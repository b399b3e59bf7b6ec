import CLinux
import Glibc

extension ChildProcess {
    /// How often a running program is looked at, when it writes nothing.
    private static let lookMilliseconds: Int32 = 50

    /// Runs the program to its end in a session of its own, and reads what it writes. Blocks.
    ///
    /// What the program has started ends with it: the whole process group is killed.
    ///
    /// - Parameters:
    ///   - input: What its standard input holds.
    ///   - outputLimit: The most bytes of its standard output. It is killed if it writes more.
    ///   - errorLimit: How many of the last bytes of its standard error are kept.
    ///   - stop: Asked again and again while it runs; the program is killed as soon as there is a reason.
    /// - Throws: If the program can't be started.
    public func runReading<Reason: Sendable>(
        input: [UInt8], outputLimit: Int, errorLimit: Int, stop: () -> Reason?
    ) throws(HostError) -> ProcessReport<Reason> {
        let inputFile = try Self.memoryFile(input)
        defer { close(inputFile) }
        var output = try OutputPipe()
        defer { output.close() }
        var errors = try OutputPipe()
        defer { errors.close() }
        var process = self
        process.newSession = true
        let pid = try process.start(input: inputFile, output: output.writing, errors: errors.writing)
        output.closeWriting()
        errors.closeWriting()
        let descriptor = clinux_pidfd_open(pid)
        guard descriptor >= 0 else {
            let error = HostError.last("open process \(pid)")
            _ = Self.end(pid)
            throw error
        }
        defer { close(descriptor) }

        var cause: ProcessReport<Reason>.Cause?
        while cause == nil {
            var polled = [descriptor, output.polled, errors.polled].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            poll(&polled, nfds_t(polled.count), Self.lookMilliseconds)
            // Looked at before the pipes: what it wrote before its end is in them.
            let hasEnded = polled[0].revents != 0
            output.read()
            errors.read(keeping: errorLimit)
            if output.bytes.count > outputLimit {
                cause = .tooMuchOutput
            } else if hasEnded {
                return ProcessReport(cause: .ended(Self.end(pid)), output: output.bytes, errors: errors.bytes)
            } else if let reason = stop() {
                cause = .stopped(reason)
            }
        }
        _ = Self.end(pid)
        return ProcessReport(cause: cause!, output: output.bytes, errors: errors.bytes)
    }

    /// Kills what is left of a process group and reaps its leader, whose number stands for the group until then.
    private static func end(_ pid: pid_t) -> ProcessEnd {
        kill(-pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 {
            guard errno == EINTR else { return .unknown }
        }
        return ProcessEnd(waitStatus: status)
    }

    /// A descriptor above 2 that is read from its beginning.
    private static func memoryFile(_ bytes: [UInt8]) throws(HostError) -> Int32 {
        let file = clinux_memory_file("input")
        guard file >= 0 else { throw .last("make a file in memory") }
        let descriptor = try above2(file)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                let error = HostError.last("write a program's input")
                close(descriptor)
                throw error
            }
            rest = rest.dropFirst(count)
        }
        lseek(descriptor, 0, SEEK_SET)
        return descriptor
    }
}

/// A pipe that a child writes to and this program reads without waiting.
private struct OutputPipe {
    private(set) var bytes: [UInt8] = []
    /// -1 once it is closed.
    private(set) var writing: Int32
    private var reading: Int32

    /// What one turn reads at most, so that a child that never stops writing is looked at meanwhile.
    private static let turnBytes = 1 << 20

    init() throws(HostError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .last("make a pipe") }
        // Children inherit no descriptor that isn't given to them, so the flags are in time.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        reading = ends[0]
        writing = -1
        _ = fcntl(reading, F_SETFL, O_NONBLOCK)
        do throws(HostError) {
            writing = try ChildProcess.above2(ends[1])
        } catch {
            Glibc.close(reading)
            throw error
        }
    }

    /// What `poll` takes; -1, which it passes over, at the end.
    var polled: Int32 { reading }

    /// Reads what is there, and closes the pipe at its end.
    mutating func read(keeping limit: Int = .max) {
        guard reading >= 0 else { return }
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        var turn = 0
        while turn < Self.turnBytes {
            let count = Glibc.read(reading, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN { return }
            guard count > 0 else {
                Glibc.close(reading)
                reading = -1
                return
            }
            turn += count
            bytes += chunk[..<count]
            if bytes.count > limit { bytes.removeFirst(bytes.count - limit) }
        }
    }

    mutating func closeWriting() {
        if writing >= 0 { Glibc.close(writing) }
        writing = -1
    }

    mutating func close() {
        closeWriting()
        if reading >= 0 { Glibc.close(reading) }
        reading = -1
    }
}
