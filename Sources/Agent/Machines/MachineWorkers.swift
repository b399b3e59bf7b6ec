import DriverPort
import Hypervisor
import Primitives
import Replica
import Synchronization

/// Has the driver do what the replica wants done, and tells the replica what came of it.
///
/// One worker for each machine: work on one machine is done in its order, one after the other, and different machines
/// don't wait for each other. A worker ends when nothing is left to do, so there are no more than machines.
///
/// What waits needs no limit of its own. The replica gives a machine its next work when the answer to the last one is
/// there, so one piece waits at most, or runs; and looks that come one after the other are one. Only a machine that is
/// taken from this node and given back while the driver is at it adds another piece, and each of those costs the
/// cluster two entries of its log.
final class MachineWorkers: Sendable {
    private let driver: any MachineDriver
    private let post: @Sendable (ReplicaInput) -> Void
    private let tasks = OwnedTasks()
    /// What each machine's worker has not begun, in its order. A machine without a worker is missing.
    private let waiting = Mutex<[UID: [MachineWork]]>([:])

    /// - Parameter post: Hands the outcome to the replica.
    init(driver: any MachineDriver, post: @escaping @Sendable (ReplicaInput) -> Void) {
        self.driver = driver
        self.post = post
    }

    /// Does what is submitted until the task is cancelled, and returns when the driver is at nothing any more.
    ///
    /// Cancelling begins nothing new and cancels the driver's calls, which end soon: a start that is nearly done is
    /// finished, and one that is not is left to the node's next start, which looks first. Machines run on. Called once.
    func run() async {
        await tasks.run()
    }

    /// Takes work; returns at once. After the end of ``run()`` it is dropped.
    func submit(_ work: MachineWork, on uid: UID) {
        let needsWorker = waiting.withLock { waiting in
            guard let last = waiting[uid] else {
                waiting[uid] = [work]
                return true
            }
            // A look that has not begun shows what a later one would.
            if work != .look || last.last != .look { waiting[uid]?.append(work) }
            return false
        }
        guard needsWorker else { return }
        let isBegun = tasks.begin { [self] in
            while let work = next(of: uid) { await perform(work, on: uid) }
        }
        if !isBegun { waiting.withLock { $0[uid] = nil } }
    }

    /// The worker's next work; nil ends it.
    private func next(of uid: UID) -> MachineWork? {
        waiting.withLock { waiting in
            guard !Task.isCancelled, let queue = waiting[uid], !queue.isEmpty else {
                waiting[uid] = nil
                return nil
            }
            return waiting[uid]?.removeFirst()
        }
    }

    private func perform(_ work: MachineWork, on uid: UID) async {
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
        // What the node's end cut short has not failed.
        if failure != nil, Task.isCancelled { return }
        post(.machineDone(uid, failure, await driver.observe(uid)))
    }
}
