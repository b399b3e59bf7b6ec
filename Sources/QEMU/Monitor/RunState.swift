import Hypervisor
import JSONText

/// What QEMU answers to `query-status`.
struct RunState: Equatable, Sendable {
    /// QEMU's own name for it, such as `running` or `guest-panicked`.
    var word: String

    init(word: String) {
        self.word = word
    }

    /// Nil if the reply has no status.
    init?(reply: JSON) {
        guard let word = reply["status"]?.string else { return nil }
        self.word = word
    }

    /// What that means for the machine.
    var machineState: MachineState {
        switch word {
        // The guest sleeping (S3) is its own affair: it runs, and wakes by its own means.
        case "running", "suspended": .running
        case "prelaunch", "inmigrate", "restore-vm": .starting
        case "shutdown": .poweredOff
        case "guest-panicked", "internal-error": .panicked
        case "io-error": .ioError(message: "the guest is halted because its disk failed; free space and resume it")
        default: .paused
        }
    }

    /// What a person should know besides; nil if the state says it all.
    var message: String? {
        switch word {
        case "running", "paused", "shutdown", "guest-panicked", "io-error": nil
        case "suspended": "the guest sleeps (S3)"
        case "internal-error": "the accelerator met an instruction or state that it can't handle"
        default: "QEMU's state is \(word)"
        }
    }
}
