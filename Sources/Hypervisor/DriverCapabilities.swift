/// What a driver can do on this host, or why it can do nothing.
public struct DriverCapabilities: Equatable, Sendable {
    public enum Availability: Equatable, Sendable {
        case available
        /// What is missing and how to get it.
        case unavailable(reason: String)
    }

    /// `qemu` or `simulated`.
    public var name: String
    /// The hypervisor's own version, where it could be asked.
    public var version: String?
    /// `kvm` or `tcg` for QEMU; nil while nothing can run.
    public var accelerator: String?
    /// Why it is that accelerator, for people.
    public var acceleratorReason: String?
    public var availability: Availability

    public init(
        name: String, version: String?, accelerator: String?, acceleratorReason: String?, availability: Availability
    ) {
        self.name = name
        self.version = version
        self.accelerator = accelerator
        self.acceleratorReason = acceleratorReason
        self.availability = availability
    }
}
