import API
import DriverPort
import Fleet
import Glibc
import Host
public import Logging
import Mesh

/// A node as a process: opens what lies in its data directory, joins if it has to, and runs until it is told to end.
///
/// Machines outlive it. It founds no cluster: an empty directory without a ticket is an error that says both ways.
public struct NodeAgent: Sendable {
    let settings: AgentSettings
    let directory: NodeDirectory
    let logger: Logger

    public init(_ settings: AgentSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
        directory = NodeDirectory(settings.dataDirectory)
    }

    /// Runs the node; returns after SIGTERM, SIGINT, or a shutdown that was asked for through the API.
    ///
    /// - Throws: ``AgentError`` when the node can't start, or can't go on.
    public func run() async throws(AgentError) {
        // A node has no use for a terminal, and outlives the one that it was started from.
        signal(SIGHUP, SIG_IGN)
        // Where the C library refuses, the node needs more memory, and nothing else is different.
        FreeMemory.returnLargeBlocks()
        let descriptors = try Self.takeDescriptors()
        await Self.openTimers()
        let opened = try await open()
        do {
            let shells = try NodeShells(opened, settings, directory, descriptors, logger)
            try await serve(shells, opened)
        } catch {
            throw .of(error)
        }
    }

    /// Raises the limit of descriptors, and takes those that the log keeps for itself.
    private static func takeDescriptors() throws(AgentError) -> DescriptorShares {
        let limit: Int
        do throws(HostError) {
            limit = try DescriptorLimit.raise()
        } catch {
            throw AgentError("\(error)")
        }
        guard limit >= DescriptorShares.least else {
            throw AgentError(DescriptorLimit.refusal(of: "a node", limit: limit, least: DescriptorShares.least))
        }
        DescriptorReserve.shared.fill()
        // It needs one of its own, which it would otherwise ask for when the first process of a machine starts.
        _ = DescriptorWatcher.shared
        return DescriptorShares(of: limit)
    }

    /// Lets the runtime open the descriptors that it waits with. It would ask for that of a clock when the clock is
    /// first waited for, and wait without end where there is none left.
    private static func openTimers() async {
        // Cancelled: the node ends anyway.
        try? await ContinuousClock().sleep(for: .nanoseconds(1))
        try? await SuspendingClock().sleep(for: .nanoseconds(1))
    }
}
