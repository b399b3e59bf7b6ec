import Glibc
import Host
import JSONText
import Primitives

/// How guest code is executed.
public enum Accelerator: String, Equatable, Sendable, CaseIterable {
    /// The processor's own virtualisation, through the kernel.
    case kvm
    /// Translation by QEMU; works everywhere.
    case tcg
}

/// Which accelerator the operator wants.
public enum AcceleratorChoice: String, Equatable, Sendable, CaseIterable {
    /// KVM where it is shown to work, else translation.
    case automatic
    case kvm
    case tcg
}

/// An accelerator and why it was taken.
struct AcceleratorDecision: Equatable, Sendable {
    var accelerator: Accelerator
    var reason: String
}

/// Finds out whether KVM works, not merely whether its device is there: on some hosts the device opens and every
/// instruction of the guest is emulated, many times slower than translation.
///
/// The answer is kept in a file until the host is started again.
struct AcceleratorProbe: Sendable {
    /// QEMU's file.
    let executable: String
    /// Where the answer and the probe's files go.
    let cacheDirectory: String
    /// The longest that a million loops may take, QEMU's own start included; real KVM needs a fraction of it.
    static let limitMilliseconds: Int64 = 300

    func decide() async -> AcceleratorDecision {
        if let known = cached() { return known }
        let decision = await examine()
        remember(decision)
        return decision
    }

    private func examine() async -> AcceleratorDecision {
        let device = open("/dev/kvm", O_RDWR | O_CLOEXEC)
        guard device >= 0 else {
            let why = String(cString: strerror(errno))
            return AcceleratorDecision(accelerator: .tcg, reason: "/dev/kvm can't be opened: \(why)")
        }
        close(device)
        guard SystemFacts.hasVirtualisationExtensions else {
            return AcceleratorDecision(
                accelerator: .tcg, reason: "the processor shows neither vmx nor svm, so /dev/kvm only emulates")
        }
        // Once more if it was slow: the host may just have been busy.
        var last = "KVM was not tried"
        for _ in 0..<2 {
            switch await run(.kvm) {
            case .success(let milliseconds) where milliseconds <= Self.limitMilliseconds:
                return AcceleratorDecision(accelerator: .kvm, reason: "a probe guest ran in \(milliseconds) ms")
            case .success(let milliseconds):
                last = "a probe guest on KVM took \(milliseconds) ms, more than \(Self.limitMilliseconds)"
            case .failure(let problem):
                last = "a probe guest failed on KVM: \(problem)"
            }
        }
        return AcceleratorDecision(accelerator: .tcg, reason: last)
    }

    /// Why a probe guest did not run to its end.
    struct Problem: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// Runs the probe guest and answers how many milliseconds all of it took.
    func run(_ accelerator: Accelerator) async -> Result<Int64, Problem> {
        let kernel = cacheDirectory + "/probe-guest.elf"
        let output = cacheDirectory + "/probe-\(accelerator.rawValue).log"
        do {
            try DurableFile.write(ProbeGuest.elf, to: kernel, mode: 0o644)
        } catch {
            return .failure(Problem(description: "\(error)"))
        }
        let log = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard log >= 0 else { return .failure(Problem(description: "can't create \(output)")) }
        defer {
            close(log)
            unlink(output)
        }
        let child = ChildProcess(
            executable: executable,
            arguments: [
                "-nodefaults", "-no-user-config", "-display", "none", "-M", "microvm,acpi=off", "-m", "16M",
                "-accel", accelerator.rawValue, "-serial", "stdio", "-kernel", kernel,
                "-device", "isa-debug-exit,iobase=\(ProbeGuest.exitPort),iosize=1",
            ],
            environment: ChildProcess.plainEnvironment, workingDirectory: nil, newSession: false)
        let started = SystemClock.now()
        let end: ProcessEnd?
        do throws(HostError) {
            let process = try child.spawn(output: log)
            end = await process.waitForEnd(milliseconds: 10 * Self.limitMilliseconds)
            if end == nil { try process.send(SIGKILL) }
        } catch {
            return .failure(Problem(description: "\(error)"))
        }
        let took = SystemClock.now() - started
        let printed = LogTail.read(output, limit: 1024)
        guard end == .exited(code: 1), printed.utf8.first == ProbeGuest.mark else {
            let ended = end.map { "ended with \($0)" } ?? "did not end within \(took) ms"
            return .failure(Problem(description: "QEMU \(ended): \(printed.prefix(200))"))
        }
        return .success(took)
    }

    private var cachePath: String { cacheDirectory + "/accelerator.json" }

    private func cached() -> AcceleratorDecision? {
        // Whatever is wrong with the file, the answer is found again.
        guard let bytes = try? DurableFile.read(cachePath, limit: 64 << 10), let json = try? JSON(parsing: bytes),
            let boot = json["bootID"]?.string, !boot.isEmpty, boot == SystemFacts.bootID,
            json["executable"]?.string == executable,
            let accelerator = json["accelerator"]?.string.flatMap(Accelerator.init(rawValue:)),
            let reason = json["reason"]?.string
        else { return nil }
        return AcceleratorDecision(accelerator: accelerator, reason: reason)
    }

    private func remember(_ decision: AcceleratorDecision) {
        let json: JSON = [
            "bootID": .string(SystemFacts.bootID), "executable": .string(executable),
            "accelerator": .string(decision.accelerator.rawValue), "reason": .string(decision.reason),
        ]
        // Without the file the probe runs again next time, which costs a moment and nothing else.
        try? DurableFile.write(json.prettyBytes, to: cachePath, mode: 0o644)
    }
}
