import Glibc
import TestFiles
import Testing

@testable import Host

@Suite("Child processes")
struct ProcessTests {
    let scratch = TemporaryDirectory(named: "host")

    private func spawn(_ script: String, environment: [String] = [], newSession: Bool = true) throws -> ProcessHandle {
        let output = open(scratch.path + "/output", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(output) }
        return try ChildProcess(
            executable: "/bin/sh", arguments: ["-c", script],
            environment: ChildProcess.plainEnvironment + environment, workingDirectory: scratch.path,
            newSession: newSession
        ).spawn(output: output)
    }

    @Test("Child processes tell their exit code")
    func exitCode() async throws {
        #expect(try await spawn("exit 7").waitForEnd() == .exited(code: 7))
        #expect(try await spawn("exit 0").waitForEnd() == .exited(code: 0))
    }

    @Test("Child processes tell the signal that ended them, and are gone for signals afterwards")
    func signals() async throws {
        let process = try spawn("while :; do sleep 1; done")
        #expect(process.end == nil)
        #expect(try process.send(SIGKILL))
        #expect(await process.waitForEnd() == .signalled(SIGKILL))
        #expect(try process.send(SIGKILL) == false)
        #expect(process.end == .signalled(SIGKILL))
    }

    @Test("Child processes get arguments, environment, directory and output, and read nothing")
    func surroundings() async throws {
        let process = try spawn("pwd; echo \"$COLOR\"; echo problem >&2; cat", environment: ["COLOR=blue"])
        #expect(await process.waitForEnd() == .exited(code: 0))
        #expect(scratch.text(of: "output") == "\(scratch.path)\nblue\nproblem\n")
    }

    @Test("Child processes inherit no descriptors, no blocked or ignored signals, and lead a session")
    func cleanliness() async throws {
        Signals.ignoreBrokenPipe()
        let leaked = open("/dev/null", O_RDONLY)
        defer { close(leaked) }
        let process = try spawn(
            "ls /proc/self/fd | wc -l; grep -E 'Sig(Blk|Ign)' /proc/self/status; ps -o sid= -p $$; echo $$")
        _ = await process.waitForEnd()
        let lines = scratch.text(of: "output").split(separator: "\n").map { line in
            line.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
        }
        try #require(lines.count >= 3)
        // Three descriptors, and the one with which `ls` reads the directory.
        #expect(lines[0] == "4")
        #expect(lines[1] == "SigBlk: 0000000000000000")
        // Signals 32 and 33 belong to the C library, which lets nobody change them.
        let ignored = try #require(UInt64(lines[2].split(separator: " ")[1], radix: 16))
        #expect(ignored & 0x7fff_ffff == 0)
        if lines.count == 5 { #expect(lines[3] == lines[4]) }
    }

    @Test("Child processes that can't be run are an error with the reason")
    func missing() throws {
        let child = ChildProcess(
            executable: scratch.path + "/nothing", arguments: [], environment: [], workingDirectory: nil,
            newSession: false)
        let null = open("/dev/null", O_WRONLY)
        defer { close(null) }
        #expect { try child.spawn(output: null) } throws: { ($0 as? HostError)?.code == ENOENT }
    }

    @Test("Child processes are reaped without a wait, also when the handle was let go")
    func reaping() async throws {
        let pid = try spawn("exit 0").pid
        while ProcessStatus.read(pid: pid) != nil { await Task.yield() }
    }

    @Test("Child processes are waited for no longer than asked")
    func patience() async throws {
        let process = try spawn("while :; do sleep 1; done")
        #expect(await process.waitForEnd(milliseconds: 5) == nil)
        try process.send(SIGKILL)
        #expect(await process.waitForEnd(milliseconds: 60_000) == .signalled(SIGKILL))
    }

    @Test("Processes that are not ours can be held, and their end is seen")
    func strangers() async throws {
        // The shell ends at once and leaves a grandchild that is not ours to reap.
        _ = try await spawn("sleep 600 & echo $!").waitForEnd()
        let pid = try #require(Int32(scratch.text(of: "output").split(separator: "\n")[0]))
        let process = try #require(try ProcessHandle.open(pid: pid))
        // Until it has become the other program it is still a copy of the shell.
        while let words = ProcessStatus.commandLine(pid: pid), words.first != "sleep" { await Task.yield() }
        #expect(ProcessStatus.commandLine(pid: pid) == ["sleep", "600"])
        try process.send(SIGKILL)
        #expect(await process.waitForEnd() == .unknown)
    }

    @Test("Child processes show in /proc when they are stopped by a signal, and since when they run")
    func status() async throws {
        let process = try spawn("while :; do sleep 1; done")
        let started = try #require(ProcessStatus.read(pid: process.pid)).startTicks
        try process.send(SIGSTOP)
        while ProcessStatus.read(pid: process.pid)?.isSuspended == false { await Task.yield() }
        try process.send(SIGCONT)
        while ProcessStatus.read(pid: process.pid)?.isSuspended == true { await Task.yield() }
        #expect(ProcessStatus.read(pid: process.pid)?.startTicks == started)
        try process.send(SIGKILL)
        _ = await process.waitForEnd()
        // The number may have become another's, which started later.
        #expect(ProcessStatus.read(pid: process.pid)?.startTicks != started)
    }

    @Test("A process has ended when its last thread has: until then it may hold files, sockets and locks")
    func lastThread() {
        func status(_ state: String, threads: Int) -> ProcessStatus? {
            ProcessStatus(
                stat: "4242 (a) b) \(state) 1 4242 4242 0 -1 4227084 0 0 0 0 0 0 0 0 20 0 \(threads) 0 98765 0 0")
        }
        #expect(status("S", threads: 5)?.isZombie == false)
        #expect(status("Z", threads: 2)?.isZombie == false)
        #expect(status("Z", threads: 1)?.isZombie == true)
        #expect(status("Z", threads: 1)?.startTicks == 98765)
    }

    @Test("Child processes by the hundred are waited for without a thread each")
    func crowd() async throws {
        let processes = try (0..<100).map { try spawn("exit \($0)") }
        for (number, process) in processes.enumerated() {
            #expect(await process.waitForEnd() == .exited(code: Int32(number)))
        }
    }
}
