import Hypervisor
import JSONText
import Primitives

/// What the driver writes down about the process that it starts for a machine.
///
/// Written before the process exists, so that none is ever there without a record; completed when it runs; and closed
/// with the reason when it has ended. It is a note: whether a process lives, and whose it is, is proven without it.
struct LaunchRecord: Equatable, Sendable {
    var uid: UID
    var name: String
    var epoch: UInt64
    var generation: UInt64
    var launchDigest: String
    var executable: String
    var arguments: [String]
    var accelerator: Accelerator
    /// The host's boot during which the process was started.
    var bootID: String
    var startedAt: WallTime
    /// Known once the process runs.
    var process: Process?
    var ended: StopReason?
    /// The files that it boots from by the names of their images, named as in `arguments`.
    var bootImages: [String: String] = [:]
    /// How long its guest may take to switch itself off; a record of an earlier program does not say it.
    var graceMilliseconds: Int64?

    struct Process: Equatable, Sendable {
        var pid: Int32
        /// The kernel's start time of the process, in clock ticks after the host's own.
        var startTicks: UInt64
        var version: String?
        var machineType: String?
    }
}
