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

    @Test("work on one machine does not wait for work on another")
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

    @Test("looks at a machine that come in a row are one, and a look behind other work is another")
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

    @Test("a driver's call that fails is told to the replica with its failure")
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

    @Test("the node's end waits for the driver's calls, begins no more, and tells of no failure")
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
