import Hypervisor
import Primitives
import Replica
import Synchronization
import Testing

@testable import Agent

@Suite("Workers of machines", .timeLimit(.minutes(1)))
struct MachineWorkersTests {
    private let driver = GatedDriver()
    private let posted = AsyncStream.makeStream(of: ReplicaInput.self)
    private let first = UID(high: 1, low: 1)
    private let second = UID(high: 2, low: 2)

    private func workers() -> MachineWorkers {
        MachineWorkers(driver: driver) { [input = posted.continuation] in input.yield($0) }
    }

    @Test("work on one machine is done one after the other in its order, and the next look follows each")
    func ordered() async {
        let workers = workers()
        let owner = Task { await workers.run() }
        workers.submit(.stop(graceMilliseconds: 5), on: first)
        workers.submit(.resume, on: first)
        workers.submit(.delete, on: first)
        var begun = driver.begun.makeAsyncIterator()
        var outcomes = posted.stream.makeAsyncIterator()
        for call in [GatedDriver.Call.stop(first), .resume(first), .delete(first)] {
            // What waits can't have begun: the stream tells every begin in its order.
            #expect(await begun.next() == call)
            driver.release(call)
            #expect(await begun.next() == .look(first))
            driver.release(.look(first))
            guard case .machineDone(first, nil, let look)? = await outcomes.next() else {
                Issue.record("no outcome of \(call)")
                return
            }
            #expect(look.uid == first)
        }
        owner.cancel()
        await owner.value
    }

    @Test("different machines do not wait for each other")
    func sideBySide() async {
        let workers = workers()
        let owner = Task { await workers.run() }
        var begun = driver.begun.makeAsyncIterator()
        workers.submit(.stop(graceMilliseconds: 5), on: first)
        #expect(await begun.next() == .stop(first))
        workers.submit(.resume, on: second)
        #expect(await begun.next() == .resume(second))
        driver.release(.resume(second))
        driver.release(.stop(first))
        owner.cancel()
        await owner.value
    }

    @Test("looks that come one after the other are one, and one that comes after other work is another")
    func looks() async {
        let workers = workers()
        var begun = driver.begun.makeAsyncIterator()
        for _ in 0..<5 { workers.submit(.look, on: first) }
        workers.submit(.resume, on: first)
        for _ in 0..<5 { workers.submit(.look, on: first) }
        let owner = Task { await workers.run() }
        // The look, the resume with its own look, and the look that was asked for behind it.
        for call in [GatedDriver.Call.look(first), .resume(first), .look(first), .look(first)] {
            #expect(await begun.next() == call)
            driver.release(call)
        }
        workers.submit(.delete, on: first)
        #expect(await begun.next() == .delete(first))
        owner.cancel()
        await owner.value
    }

    @Test("a call that fails is told with its failure")
    func failed() async {
        let workers = workers()
        let owner = Task { await workers.run() }
        var begun = driver.begun.makeAsyncIterator()
        workers.submit(.resume, on: first)
        _ = await begun.next()
        driver.release(.resume(first), failing: true)
        _ = await begun.next()
        driver.release(.look(first))
        var outcomes = posted.stream.makeAsyncIterator()
        guard case .machineDone(first, let failure?, _)? = await outcomes.next() else {
            Issue.record("no failure")
            return
        }
        #expect(failure.message == "it was cut short")
        owner.cancel()
        await owner.value
    }

    @Test("the node's end waits for what the driver is at, begins nothing more, and takes nothing for failed")
    func ended() async {
        let workers = workers()
        let owner = Task { await workers.run() }
        var begun = driver.begun.makeAsyncIterator()
        workers.submit(.stop(graceMilliseconds: 5), on: first)
        workers.submit(.delete, on: first)
        #expect(await begun.next() == .stop(first))
        owner.cancel()
        await owner.value
        workers.submit(.resume, on: second)
        posted.continuation.finish()
        for await input in posted.stream { Issue.record("it told \(input)") }
    }
}
