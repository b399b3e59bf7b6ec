/// Why a driver could not do what it was asked.
public enum MachineFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The same call may succeed later without a change of the spec.
    case retryable(Reason, message: String)
    /// Only a change (of the spec, or of the host by a person) can help.
    case permanent(Reason, message: String)

    /// A word for conditions and events, the same in every release.
    public enum Reason: String, Equatable, Sendable, CaseIterable {
        case hypervisorMissing = "HypervisorMissing"
        case badConfiguration = "BadConfiguration"
        case imageMissing = "ImageMissing"
        case diskFailed = "DiskFailed"
        /// The file of a disk that was filled is gone.
        case diskMissing = "DiskMissing"
        case noSpace = "NoSpace"
        case portInUse = "PortInUse"
        /// The host lacks the address from which a port is to be forwarded.
        case addressNotAvailable = "AddressNotAvailable"
        /// The program may not listen on a port of the host.
        case portNotPermitted = "PortNotPermitted"
        case startFailed = "StartFailed"
        /// The machine's process does not answer, or not in time.
        case unresponsive = "Unresponsive"
        /// A process that is not provably this machine holds its directory.
        case foreignProcess = "ForeignProcess"
        /// What was asked needs a machine without a process.
        case stillRunning = "StillRunning"
        /// What was asked needs a machine with a process.
        case notRunning = "NotRunning"
        /// The host already holds this machine under a higher epoch.
        case staleEpoch = "StaleEpoch"
        /// A call to the host's operating system failed.
        case hostFailed = "HostFailed"
    }

    public var reason: Reason {
        switch self {
        case .retryable(let reason, _), .permanent(let reason, _): reason
        }
    }

    public var message: String {
        switch self {
        case .retryable(_, let message), .permanent(_, let message): message
        }
    }

    public var isRetryable: Bool {
        switch self {
        case .retryable: true
        case .permanent: false
        }
    }

    public var description: String { "\(reason.rawValue): \(message)" }
}
