import Fleet
import Manifest
import Primitives
import Testing

/// Prints what it measured; slow machines make no test fail.
@Suite("How fast the fleet is", .serialized)
struct SpeedTests {
    private func measure(_ what: String, _ body: () -> Void) {
        let duration = ContinuousClock().measure(body)
        print("fleet: \(what): \(duration)")
    }

    private func machines(_ count: Int, memory: Int) -> [Mutation] {
        let spec =
            #"{"boot":{"image":"debian-13"},"disks":[{"name":"root","size":"20Gi","source":"debian-13"}],"#
            + #""memory":"\#(memory)Mi","networks":[{"name":"default","type":"user"}],"#
            + #""runStrategy":"Always","vcpus":2}"#
        return (0..<count).map {
            .put(.machine("machine-number-\($0)", spec: spec, labels: ["app": "web", "tier": "\($0 % 7)"]))
        }
    }

    @Test("1,000 machines are written, written again, changed, listed and restored from a snapshot")
    func thousand() throws {
        var scenario = Scenario()
        let create = scenario.nextWrite(machines(1000, memory: 512))
        measure("create 1,000 machines in one write") { scenario.run(.write(create)) }
        #expect(scenario.fleet.unbound().count == 1000)
        let same = scenario.nextWrite(machines(1000, memory: 512))
        measure("write the same 1,000 again") { scenario.run(.write(same)) }
        let change = scenario.nextWrite(machines(1000, memory: 768))
        measure("change all 1,000") { scenario.run(.write(change)) }
        measure("list 1,000") { #expect(scenario.fleet.objects(kind: "VirtualMachine", namespace: nil).count == 1000) }
        let batch = PlacementBatch(
            bindings: scenario.fleet.unbound().map { scenario.binding($0.name, to: "n1") }, notes: [], events: [])
        measure("bind 1,000") { scenario.run(.place(batch)) }
        let copy = scenario.fleet
        let one = scenario.nextWrite(machines(1, memory: 1024))
        measure("write 1 of 1,000 while a copy is held") { scenario.run(.write(one)) }
        let two = scenario.nextWrite(machines(1, memory: 1025))
        measure("write 1 of 1,000") { scenario.run(.write(two)) }
        #expect(copy != scenario.fleet)
        measure("hash 100 times") { for _ in 0..<100 { _ = scenario.fleet.stateHash } }
        var snapshot: [UInt8] = []
        measure("encode a snapshot") { snapshot = scenario.fleet.encodeSnapshot() }
        print("fleet: the snapshot has \(snapshot.count) bytes")
        measure("restore it") { #expect((try? Fleet(snapshot: snapshot)) == scenario.fleet) }
    }

    @Test("a full window of requests still answers, and is stored and restored")
    func fullWindow() throws {
        var scenario = Scenario()
        let count = Limits.requestWindow + 100
        let first = scenario.nextWrite([.put(.machine("first"))])
        scenario.run(.write(first))
        var last = first
        measure("\(count) writes, past the end of the window") {
            for number in 0..<count {
                last = scenario.nextWrite([.put(.machine("m\(number % 50)", spec: "{\"n\":\(number / 100)}"))])
                scenario.run(.write(last))
            }
        }
        #expect(scenario.run(.write(first)).reasons == [.requestTooOld])
        #expect(scenario.fleet.answer(to: last)?.operations == [.unchanged])
        var snapshot: [UInt8] = []
        measure("encode a snapshot with a full window") { snapshot = scenario.fleet.encodeSnapshot() }
        print("fleet: that snapshot has \(snapshot.count) bytes")
        var restored: Fleet?
        measure("restore it") { restored = try? Fleet(snapshot: snapshot) }
        #expect(restored == scenario.fleet)
        #expect(restored?.stateHash == scenario.fleet.stateHash)
    }

    @Test("ten thousand machines are written in one write and listed in one list")
    func tenThousand() {
        var scenario = Scenario()
        let create = scenario.nextWrite(machines(10_000, memory: 512))
        measure("create 10,000 machines in one write") { scenario.run(.write(create)) }
        measure("list 10,000") {
            #expect(scenario.fleet.objects(kind: "VirtualMachine", namespace: nil).count == 10_000)
        }
        let copy = scenario.fleet
        measure("write 1 of 10,000 while a copy is held") { scenario.write(.put(.machine("machine-number-0"))) }
        #expect(copy != scenario.fleet)
    }

    @Test("a set of ten thousand machines is applied as new, as it is, and with another spec")
    func setOfTenThousand() {
        var scenario = Scenario()
        let applies = [("new", 512, true), ("as it is", 512, false), ("with another spec", 768, true)]
        for (what, memory, isNew) in applies {
            var write = scenario.nextWrite(machines(10_000, memory: memory))
            write.change.set = SetApplication(name: "large")
            var outcome: CommandOutcome?
            measure("apply a set of 10,000, \(what)") { outcome = scenario.run(.write(write)) }
            guard case .written(let answer) = outcome else {
                Issue.record("\(what): \(String(describing: outcome))")
                return
            }
            #expect(answer.results.allSatisfy { ($0.operation != .unchanged) == isNew })
            #expect(answer.set?.isNew == isNew)
        }
        #expect(scenario.fleet.manifestSet(named: "large")?.revisions.count == 2)
        var snapshot: [UInt8] = []
        measure("encode a snapshot with the set") { snapshot = scenario.fleet.encodeSnapshot() }
        print("fleet: that snapshot has \(snapshot.count) bytes")
        measure("restore it") { #expect((try? Fleet(snapshot: snapshot)) == scenario.fleet) }
    }

    @Test("2,000 writes of one machine each are applied")
    func small() {
        var scenario = Scenario()
        measure("2,000 writes of one machine each") {
            for number in 0..<2000 { scenario.write(.put(.machine("m\(number % 500)", spec: "{\"n\":\(number)}"))) }
        }
        #expect(scenario.fleet.objects(kind: "VirtualMachine", namespace: nil).count == 500)
    }
}
