import DriverPort
import Host
import Hypervisor
import Primitives

/// What all machines of one driver share.
struct DriverEnvironment: Sendable {
    /// The directory of all machine directories.
    let root: String
    let bootID: String
    /// For files, spawning and waiting for sockets.
    let pool: BlockingPool
    let permits: StartPermits
    let feed: MachineChangeFeed
    let prerequisites: StartPrerequisites
}
