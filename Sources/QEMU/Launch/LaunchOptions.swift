/// What the driver adds to a machine's spec to start it on this host.
struct LaunchOptions: Equatable, Sendable {
    var accelerator: Accelerator
    /// The file of the built-in guest.
    var builtinKernelPath: String
}
