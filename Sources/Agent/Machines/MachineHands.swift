import DriverPort
import Hypervisor
import Primitives
import Replica

/// Has the driver do what the replica wants done, and tells the replica what came of it.
struct MachineHands: Sendable {
    let driver: any MachineDriver
    let post: @Sendable (ReplicaInput) -> Void

    func perform(_ work: MachineWork, on uid: UID) async {
        if work == .look {
            post(.observed(await driver.observe(uid)))
            return
        }
        var failure: MachineFailure?
        do throws(MachineFailure) {
            switch work {
            case .look: break
            case .start(let spec): try await driver.start(spec)
            case .resume: try await driver.resume(uid)
            case .stop(let grace): try await driver.stop(uid, graceMilliseconds: grace)
            case .delete: try await driver.delete(uid)
            }
        } catch {
            failure = error
        }
        post(.machineDone(uid, failure, await driver.observe(uid)))
    }

    /// Looks at everything once, and then at whatever the driver says has changed, until cancelled.
    ///
    /// A host whose machines can't be listed is asked again: acting without having seen them all would be a guess.
    func follow(report: @Sendable (MachineFailure) -> Void) async {
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
