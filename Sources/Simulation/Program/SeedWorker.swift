import Glibc
import Host
import Primitives

/// A process that runs some seeds and tells of each as a line, so that a seed whose run traps or hangs ends no other
/// and is still known by its number.
final class SeedWorker {
    static let beginPrefix = "begin "
    /// The process begins no more seeds.
    static let endLine = "end"

    /// The seeds that are to come, and the one at work.
    private var rest: Range<UInt64>
    private let child: ProcessHandle
    private let pipe: Int32
    private var buffer: [UInt8] = []
    /// The last lines that were no results: what a program says when it traps.
    private var lastWords: [String] = []
    private var workingSince: Instant
    private let patienceMilliseconds: Int64
    private var hasHung = false
    /// Whether the seeds that are left were left on purpose.
    private var hasEnded = false

    /// Starts this program again for a range of seeds.
    ///
    /// - Parameter deadline: When it begins no more of them.
    init(_ request: SimulationRequest, seeds: Range<UInt64>, until deadline: Instant?) throws(HostError) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { throw HostError("make a pipe", code: errno) }
        defer { close(ends[1]) }
        _ = fcntl(ends[0], F_SETFD, FD_CLOEXEC)
        _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
        pipe = ends[0]
        rest = seeds
        workingSince = SystemClock.now()
        patienceMilliseconds = Int64(request.patienceSeconds) * 1000
        let left = deadline.map { ["--seconds", "\(max(1, ($0 - SystemClock.now() + 999) / 1000))"] } ?? []
        let process = ChildProcess(
            executable: "/proc/self/exe",
            arguments: request.arguments(for: seeds.lowerBound)
                + ["--seeds", "\(seeds.count)", "--worker"] + left,
            environment: Self.environment, workingDirectory: nil, newSession: false)
        do {
            child = try process.spawn(output: ends[1])
        } catch {
            close(ends[0])
            throw error
        }
    }

    /// Hash tables are seeded as the caller has it; nothing else is handed on.
    static var environment: [String] {
        var variables = ChildProcess.plainEnvironment
        if let value = getenv("SWIFT_DETERMINISTIC_HASHING") {
            variables.append("SWIFT_DETERMINISTIC_HASHING=\(String(cString: value))")
        }
        if let value = getenv("LD_LIBRARY_PATH") { variables.append("LD_LIBRARY_PATH=\(String(cString: value))") }
        return variables
    }

    /// What can be waited for.
    var descriptor: Int32 { pipe }

    /// What happened since the last time.
    struct Progress {
        var results: [SeedResult] = []
        /// The process has ended; seeds in this range were not run.
        var left: Range<UInt64>?
    }

    /// Takes what the process has said. Does not wait unless there is something, or the process has ended.
    func read() -> Progress {
        var progress = Progress()
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = Glibc.read(pipe, &bytes, bytes.count)
        if count < 0 { return progress }
        buffer += bytes.prefix(count)
        takeLines(&progress)
        guard count == 0 else { return progress }
        if hasEnded { rest = rest.upperBound..<rest.upperBound }
        progress.left = rest
        guard !rest.isEmpty else { return progress }
        // It ended in the middle of the first that is left.
        let words = lastWords.isEmpty ? "it said nothing" : lastWords.joined(separator: "\n")
        progress.results.append(
            SeedResult(
                seed: rest.lowerBound, endedBy: hasHung ? SeedResult.hung : "the program goes on", lastWords: words))
        progress.left = rest.dropFirst().first.map { $0..<rest.upperBound } ?? rest.upperBound..<rest.upperBound
        return progress
    }

    private func takeLines(_ progress: inout Progress) {
        while let end = buffer.firstIndex(of: 10) {
            let line = String(decoding: buffer[..<end], as: UTF8.self)
            buffer.removeSubrange(...end)
            if let result = SeedResult(line: line) {
                progress.results.append(result)
                rest = result.seed &+ 1..<rest.upperBound
            } else if line == Self.endLine {
                hasEnded = true
            } else if line.hasPrefix(Self.beginPrefix) {
                workingSince = SystemClock.now()
                lastWords = []
            } else {
                // What went wrong comes first, and where after it.
                if lastWords.count < 12 { lastWords.append(line) }
            }
        }
    }

    /// Ends a process whose seed does not.
    func endIfHung() {
        guard !hasHung, SystemClock.now() - workingSince > patienceMilliseconds else { return }
        hasHung = true
        lastWords.append("seed \(rest.lowerBound) was not done after \(patienceMilliseconds) ms")
        end()
    }

    /// Not an error if it has just ended by itself.
    func end() { _ = try? child.send(SIGKILL) }

    deinit { close(pipe) }
}
