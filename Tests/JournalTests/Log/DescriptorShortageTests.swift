import DiskFaults
import Host
import Journal
import Primitives
import Raft
import Testing

@Suite("Too few descriptors")
struct DescriptorShortageTests {
    @Test("A next segment that can't be made for want of a descriptor ends nothing, and is made when there is one")
    func nextSegment() throws {
        let whole = Fixture.disk()
        let reference = try Fixture.create(on: whole)
        for step in Step.workload { try step.perform(on: reference) }
        reference.close()
        var short = 0
        for operation in 1...whole.operations where whole.history[operation - 1] == .create {
            let disk = Fixture.disk()
            disk.fault = (operation, .fail(code: DiskError.outOfDescriptorsCode))
            // Founding a log needs its files at once.
            guard let log = try? Fixture.create(on: disk) else { continue }
            defer { log.close() }
            var model = LogModel()
            for step in Step.workload {
                do throws(JournalError) {
                    try step.perform(on: log)
                } catch {
                    #expect(error.isRetriable, "\(error)")
                    short += 1
                    try log.reserveSpace()
                    try step.perform(on: log)
                }
                model = step.outcomes(from: model).last!
            }
            try log.reserveSpace()
            #expect(log.space == .ample)
            #expect(model.matches(try Fixture.recover(from: disk.image)), "operation \(operation)")
        }
        print("\(short) writes waited for a descriptor")
    }
}
