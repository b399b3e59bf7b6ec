public import Hypervisor
public import Primitives

/// The thing that makes machines run on this host.
///
/// Every call is safe in any state and may be repeated: it brings about what its name says, finds that it holds
/// already, or throws. Calls for one machine are performed one after the other in the order in which they came; calls
/// for different machines run side by side, with the number of simultaneous starts bounded. Machines outlive the
/// driver: what a former one left running is adopted once it is proven to be that machine. A process of which that
/// can't be proven is reported as `MachineState.foreign` and left alone.
///
/// A call whose task is cancelled ends soon, with a failure where it did not come to its end. The machine is then as
/// far as the call came: no process is ended by that, and the next look tells.
public protocol MachineDriver: Sendable {
    var capabilities: DriverCapabilities { get async }

    /// Looks at every machine directory of this host, sorted by uid, and adopts what lives.
    ///
    /// - Throws: `MachineFailure` with `hostFailed` if the directories can't be listed.
    func observeAll() async throws(MachineFailure) -> [MachineObservation]

    /// Looks at one machine. A failing look is itself an observation, never an error.
    func observe(_ uid: UID) async -> MachineObservation

    /// Makes the machine run and returns once it does.
    ///
    /// A machine that runs already is left as it is, whatever the spec says, and from then on is held under the
    /// spec's epoch (and shows its generation, if no restart is needed to follow it). A process of this machine whose
    /// guest is off or has panicked is collected first. Missing disks are created and short ones grown; none is
    /// shrunk or replaced.
    ///
    /// - Throws: `MachineFailure` with `staleEpoch` if this host holds the machine under a higher epoch.
    func start(_ spec: MachineSpec) async throws(MachineFailure)

    /// Lets a paused, suspended or I/O-halted machine go on.
    ///
    /// - Throws: `MachineFailure` with `notRunning` if there is no guest that could go on.
    func resume(_ uid: UID) async throws(MachineFailure)

    /// Brings the machine to an end and returns once its process is gone: the power button until the grace is over,
    /// then by force. Also ends a process that answers nothing.
    ///
    /// - Throws: `MachineFailure` with `foreignProcess` if the process is not provably this machine's.
    func stop(_ uid: UID, graceMilliseconds: Int64) async throws(MachineFailure)

    /// Removes the machine's files and disks for good.
    ///
    /// - Throws: `MachineFailure` with `stillRunning` while it has a process.
    func delete(_ uid: UID) async throws(MachineFailure)

    /// Reads up to `limit` bytes of the serial log from `offset` on, or from where what is kept begins, if that is
    /// later.
    ///
    /// - Throws: `MachineFailure` if the log can't be read; a driver may also refuse a machine that it does not hold.
    func consoleLog(_ uid: UID, offset: Int64, limit: Int) async throws(MachineFailure) -> ConsoleChunk

    /// Machines to look at again, one stream for each access, from the moment of the access on. A machine that
    /// changes several times before the consumer comes is in the stream once.
    var changes: AsyncStream<UID> { get }
}
