import Glibc
import TestFiles
import Testing

@testable import Host

@Suite("Programs whose output is read", .timeLimit(.minutes(1)))
struct ProcessReadingTests {
    private func run(
        _ script: String, input: String = "", outputLimit: Int = 1 << 20, errorLimit: Int = 1 << 10,
        stop: () -> String? = { nil }
    ) throws -> ProcessReport<String> {
        try ChildProcess(
            executable: "/bin/sh", arguments: ["-c", script], environment: ChildProcess.plainEnvironment,
            workingDirectory: nil, newSession: false
        ).runReading(input: Array(input.utf8), outputLimit: outputLimit, errorLimit: errorLimit, stop: stop)
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("Programs that are read get their input, and both outputs come apart")
    func whole() throws {
        let report = try run("cat; echo problem >&2", input: "some words")
        #expect(report.isSuccess)
        #expect(text(report.output) == "some words")
        #expect(text(report.errors) == "problem\n")
    }

    @Test("Programs that are read may write more than a pipe holds")
    func large() throws {
        let report = try run("head -c 900000 /dev/zero; head -c 900000 /dev/zero >&2; printf end >&2")
        #expect(report.isSuccess)
        #expect(report.output.count == 900_000)
        #expect(report.errors.count == 1 << 10)
        #expect(text(report.errors.suffix(3)) == "end")
    }

    @Test("Programs that are read tell how they ended")
    func ends() throws {
        let failed = try run("exit 3")
        guard case .ended(.exited(code: 3)) = failed.cause else { throw Unexpected(failed.cause) }
        let killed = try run("kill -9 $$")
        guard case .ended(.signalled(SIGKILL)) = killed.cause else { throw Unexpected(killed.cause) }
    }

    @Test("Programs that write without end are killed at the limit")
    func endless() throws {
        let report = try run("cat /dev/zero", outputLimit: 100_000)
        guard case .tooMuchOutput = report.cause else { throw Unexpected(report.cause) }
    }

    @Test("Programs that are stopped end together with what they have started")
    func stopped() throws {
        try TemporaryDirectory.with(named: "host") { directory in
            let file = directory + "/pid"
            let report = try run("sh -c 'trap \"\" TERM HUP; echo $$ >\(file); while :; do sleep 1; done' & wait") {
                (TextFile.read(file) ?? "").hasSuffix("\n") ? "enough" : nil
            }
            guard case .stopped("enough") = report.cause else { throw Unexpected(report.cause) }
            let pid = try #require(TextFile.read(file).flatMap { Int32($0.dropLast()) })
            expectGone(pid)
        }
    }

    @Test("What a program leaves running does not keep its reader, and ends with it")
    func leftover() throws {
        let report = try run("sleep 1000 & echo $!")
        #expect(report.isSuccess)
        let pid = try #require(Int32(text(report.output).dropLast()))
        expectGone(pid)
    }

    /// Ends when the process is dead, reaped by its new parent or not; the time limit of the suite is the failure.
    private func expectGone(_ pid: Int32) {
        // Killed already: only the kernel's own work is waited for.
        while let status = TextFile.read("/proc/\(pid)/stat"), !status.contains(") Z"), !status.contains(") X") {
            sched_yield()
        }
    }

    private struct Unexpected: Error, CustomStringConvertible {
        let description: String
        init(_ cause: ProcessReport<String>.Cause) { description = "\(cause)" }
    }
}
