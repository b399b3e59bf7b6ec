import Glibc
import JSONText
import Primitives
import Testing

extension IntegrationTests {
    /// What happens to machines behind their node's back, on a cluster of one node.
    @Suite(
        "A machine in trouble", .enabled(if: RealQEMU.mayRun, RealQEMU.reason), .serialized,
        .cluster(nodes: 1, hypervisor: "qemu"))
    struct MachineFaultTests {
        let cluster: TestCluster

        init() throws {
            cluster = try .ofSuite
        }

        @Test("A machine runs again after kill -9 of its process, with a restart counted and an event")
        func killedProcess() async throws {
            let before = try await cluster.create(["killed"])[0]
            let directory = try cluster.machineDirectory(before)
            let pid = try #require(HostProcess.machine(in: directory))
            #expect(before.pid == pid && before.restarts == 0)
            kill(pid, SIGKILL)
            let after = try await cluster.machine("killed", until: "Running again") {
                $0.phase == "Running" && $0.restarts == 1
            }
            #expect(after.pid != pid && after.pid == HostProcess.machine(in: directory))
            #expect(after["metadata"]?["uid"] == before["metadata"]?["uid"])
            let starts = try await cluster.events(of: "killed", reason: "Started")
            #expect(starts.contains { $0.contains("killed by signal 9") || $0.contains("signal 9") }, "\(starts)")
            try await cluster.succeed("delete vm killed")
        }

        @Test("A machine that was paused through its second monitor is drift: diff shows it, and the loop mends it")
        func pausedFromOutside() async throws {
            let before = try await cluster.create(["paused"])[0]
            let monitor = try AdminMonitor(machineDirectory: cluster.machineDirectory(before))
            #expect(try await cluster.run("diff").exitCode == 0)
            // The loop is quick: somebody has to be very persistent to be seen.
            let shown = try await eventually("diff to show the pause") {
                for _ in 0..<20 { try monitor.execute("stop") }
                let diff = try cluster.start(["diff"])
                while diff.exitCode == nil { try monitor.execute("stop") }
                let result = try await diff.result()
                guard result.output.contains("paused from outside") else { throw NotYet("\(result)") }
                return result
            }
            #expect(shown.exitCode == 1)
            #expect(shown.output.contains("paused"))
            try await eventually("the guest to go on") {
                let status = try monitor.execute("query-status")
                guard status["status"] == "running" else { throw NotYet("\(status)") }
            }
            let after = try await cluster.machineRuns("paused")
            #expect(after.pid == before.pid && after.restarts == 0)
            try await noDrift()
            try await cluster.succeed("delete vm paused")
        }

        @Test("A machine whose process was stopped by a signal is drift: diff shows it, and the loop mends it")
        func stoppedBySignal() async throws {
            let before = try await cluster.create(["suspended"])[0]
            let pid = try #require(before.pid)
            let shown = try await eventually("diff to show the signal") {
                kill(pid, SIGSTOP)
                let result = try await cluster.run("diff")
                guard result.output.contains("stopped by a signal") else { throw NotYet("\(result)") }
                return result
            }
            #expect(shown.exitCode == 1)
            try await eventually("the process to go on") {
                guard HostProcess.isAlive(pid), !HostProcess.isSuspended(pid) else { throw NotYet("it is stopped") }
            }
            let after = try await cluster.machineRuns("suspended")
            #expect(after.pid == pid && after.restarts == 0)
            try await noDrift()
            try await cluster.succeed("delete vm suspended")
        }

        @Test("A machine whose guest panicked keeps that as a condition, is not made to go on, and obeys a restart")
        func guestPanic() async throws {
            let before = try await cluster.create(["panicking"])[0]
            let directory = try cluster.machineDirectory(before)
            let console = try PlainSocket(directory: directory, name: "console.sock")
            try console.send("p")
            let panicked = try await cluster.machine("panicking", until: "Paused by a panic") {
                $0.condition("GuestPanicked")?["status"] == "True"
            }
            #expect(panicked.phase == "Paused")
            #expect(panicked.pid == before.pid)
            #expect(panicked.condition("Ready")?["status"] == "False")
            #expect(panicked.condition("Ready")?["reason"] == "GuestPanicked")
            // Another machine comes and goes meanwhile: the loop runs, and leaves this one alone.
            try await cluster.create(["bystander"])
            try await cluster.succeed("delete vm bystander")
            let monitor = try AdminMonitor(machineDirectory: directory)
            #expect(try monitor.execute("query-status")["status"] == "guest-panicked")
            let diff = try await cluster.run("diff")
            #expect(diff.output.contains("the guest panicked"), "\(diff)")
            try await cluster.succeed("vm restart panicking")
            let after = try await cluster.machine("panicking", until: "Running anew") {
                $0.phase == "Running" && $0.pid != before.pid
            }
            #expect(after.condition("GuestPanicked")?["status"] == "False")
            try await cluster.succeed("delete vm panicking")
        }

        @Test(
            "A machine that runs without answering is Unknown and left alone until it answers, is restarted or stopped")
        func silentProcess() async throws {
            let before = try await cluster.create(["silent"])[0]
            let pid = try #require(before.pid)
            let process = try HungProcess(cluster, machine: before)
            try process.hang()
            let unknown = try await cluster.machine("silent", until: "Unknown") { $0.phase == "Unknown" }
            #expect(unknown.condition("Ready")?["status"] == "Unknown")
            #expect(unknown.condition("Ready")?["lastTransitionTime"]?.string != nil)
            let message = unknown["status"]?["message"]?.string ?? ""
            #expect(message.contains("does not answer") && message.contains("left alone"), "\(unknown)")
            let row = try await cluster.succeed("get vm silent -o wide --no-headers")
            #expect(row.contains("Unknown"))
            // It is looked at again and again while another machine comes and goes, and stays as it is.
            try await cluster.create(["bystander"])
            try await cluster.succeed("delete vm bystander")
            #expect(HostProcess.isAlive(pid))
            #expect(try await cluster.machine("silent").phase == "Unknown")
            try process.release()
            let back = try await cluster.machineRuns("silent")
            #expect(back.pid == pid && back.restarts == 0)

            try process.hang()
            try await cluster.machine("silent", until: "Unknown") { $0.phase == "Unknown" }
            try await cluster.succeed("vm restart silent")
            let restarted = try await cluster.machine("silent", until: "Running anew") {
                $0.phase == "Running" && $0.pid != pid
            }
            #expect(!HostProcess.isAlive(pid))

            let last = try #require(restarted.pid)
            let next = try HungProcess(cluster, machine: restarted)
            try next.hang()
            try await cluster.machine("silent", until: "Unknown") { $0.phase == "Unknown" }
            try await cluster.succeed("vm stop silent")
            try await cluster.machine("silent", until: "Stopped") { $0.phase == "Stopped" }
            #expect(!HostProcess.isAlive(last))
            try await cluster.succeed("delete vm silent --now")
        }

        @Test(
            "A machine that heeds neither its guest's button nor SIGTERM is killed after its grace when it is deleted")
        func killedAfterGrace() async throws {
            let before = try await cluster.create(["stubborn"])[0]
            let directory = try cluster.machineDirectory(before)
            let pid = try #require(before.pid)
            let deletion = try cluster.start(["delete", "vm", "stubborn", "--grace-period", "1"])
            defer { deletion.kill() }
            // A stopped process acts on no signal but SIGKILL.
            while deletion.exitCode == nil, HostProcess.isAlive(pid) {
                kill(pid, SIGSTOP)
                usleep(200)
            }
            let result = try await deletion.result()
            #expect(result.exitCode == 0, "\(result)")
            #expect(result.output.contains("deleted from default namespace"))
            #expect(!HostProcess.isAlive(pid))
            #expect(access(directory, F_OK) != 0)
        }

        @Test(
            "A machine whose guest powered off stays off under RerunOnFailure until it is started or restarted by hand")
        func poweredOff() async throws {
            let name = "rerun"
            try await cluster.succeed("vm create \(name) --memory 32Mi --run-strategy RerunOnFailure")
            for verb in ["start", "restart"] {
                let running = try await cluster.machineRuns(name)
                let directory = try cluster.machineDirectory(running)
                try await eventually("the end of \(name)") {
                    // A guest that has not booted yet hears no button, and one that has ended has no monitor.
                    _ = try? AdminMonitor(machineDirectory: directory).execute("system_powerdown")
                    let phase = try await cluster.json("get vm \(name)")["status"]?["phase"]?.string
                    guard phase == "Stopped" else { throw NotYet("it is \(phase ?? "nowhere")") }
                }
                let said = try await cluster.succeed("vm \(verb) \(name) --wait --timeout 60s")
                let subject = "virtualmachine.blixard.dev/\(name)"
                #expect(said == "\(subject) starting\n\(subject) started\n")
            }
            let again = try await cluster.succeed("vm start \(name)")
            #expect(again.hasSuffix("unchanged: it runs already\n"))
            try await cluster.succeed("delete vm \(name) --now")
        }

        @Test("logs prints a machine's whole log, above all the end, and the bytes of a pipe are those of the guest")
        func longLog() async throws {
            let machine = try await cluster.create(["talker"])[0]
            // A guest that is off prints nothing after what follows.
            try await cluster.succeed("vm stop talker")
            try await cluster.machine("talker", until: "Stopped") { $0.phase == "Stopped" }
            let log = try cluster.machineDirectory(machine) + "/console.log"
            let descriptor = open(log, O_WRONLY | O_APPEND)
            var text = ""
            for line in 0..<40_000 { text += "line \(1_000_000 + line) of what the guest printed\n" }
            #expect(Array(text.utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } == text.utf8.count)
            close(descriptor)
            let all = try await cluster.run("logs vm/talker")
            #expect(all.exitCode == 0 && all.errors.isEmpty && all.output.hasSuffix(text))
            let tail = try await cluster.run("logs vm/talker --tail 30000")
            #expect(tail.lines.count == 30_000 && tail.lines.last == "line 1039999 of what the guest printed")
            let bounded = try await cluster.run("logs talker --limit-bytes 1000")
            #expect(bounded.output.utf8.count == 1000 && bounded.errors.contains("leaves out the bytes 1000 to"))
            try await cluster.succeed("delete vm talker --now")
        }

        /// Nothing is left to do.
        private func noDrift() async throws {
            try await eventually("no difference") {
                let diff = try await cluster.run("diff")
                guard diff.exitCode == 0 else { throw NotYet("\(diff)") }
            }
        }
    }
}

/// Makes a machine's process hang: it is told to write the guest's memory into a pipe that nobody reads.
private final class HungProcess {
    private let pipe: String
    private let monitor: AdminMonitor

    init(_ cluster: TestCluster, machine: JSON) throws {
        pipe = cluster.root + "/hang.fifo"
        guard mkfifo(pipe, 0o600) == 0 || errno == EEXIST else { throw TestFailure("\(pipe) can't be made") }
        monitor = try AdminMonitor(machineDirectory: cluster.machineDirectory(machine))
    }

    func hang() throws {
        try monitor.send("pmemsave", ["val": 0, "size": 16, "filename": .string(pipe)])
    }

    /// Lets it go on, and waits until it does.
    func release() throws {
        // Opened for both directions, so that this waits for nobody.
        let descriptor = open(pipe, O_RDWR | O_CLOEXEC)
        defer { close(descriptor) }
        _ = try monitor.answer()
    }
}
