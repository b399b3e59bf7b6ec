import DriverPort
import Hypervisor
import Primitives
import Replica

/// Tells the replica what the driver sees of this host's machines.
struct MachineWatch: Sendable {
    let driver: any MachineDriver
    let post: @Sendable (ReplicaInput) -> Void
    /// Told why the machines can't be listed, each time.
    let report: @Sendable (MachineFailure) -> Void

    /// Looks at everything once, and then at whatever the driver says has changed, until cancelled.
    ///
    /// A host whose machines can't be listed is asked again: acting without having seen them all would be a guess.
    func run() async {
        let changes = driver.changes
        while !Task.isCancelled {
            do throws(MachineFailure) {
                post(.observedAll(try await driver.observeAll()))
                break
            } catch {
                report(error)
                // Ends early only by cancellation, which the loop sees.
                try? await Task.sleep(for: .seconds(2))
            }
        }
        for await uid in changes { post(.machineChanged(uid)) }
    }
}
