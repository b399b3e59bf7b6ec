import DriverPort
import Hypervisor
import Primitives
import Testing

@Suite("The turns of a machine's calls")
struct MachineTurnsTests {
    @Test("The turns of a machine perform its calls one after the other")
    func turns() async throws {
        let turns = MachineTurns()
        let uid = UID(cluster: "test", index: 1, position: 0)
        let inside = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    // No call here throws.
                    try? await turns.perform(for: uid) { () async throws(MachineFailure) in
                        await inside.enter()
                        await Task.yield()
                        await inside.leave()
                    }
                }
            }
        }
        #expect(await inside.most == 1)
        #expect(await inside.total == 50)
    }

    private actor Counter {
        var now = 0
        var most = 0
        var total = 0

        func enter() {
            now += 1
            total += 1
            most = max(most, now)
        }

        func leave() { now -= 1 }
    }
}
