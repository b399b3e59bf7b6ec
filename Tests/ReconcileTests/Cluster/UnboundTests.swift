import Fleet
import JSONText
import Manifest
import Primitives
import Reconcile
import Testing

@Suite("What is said of a machine without a node")
struct UnboundTests {
    private func machine(_ spec: JSON, scheduled: String? = nil) throws -> FleetObject {
        var object = FleetObject(
            key: ObjectKey(kind: "VirtualMachine", namespace: "default", name: "web"),
            uid: UID(cluster: "c", index: 9, position: 0), resourceVersion: 1, generation: 1,
            createdAt: WallTime(milliseconds: 0), spec: spec.canonicalBytes)
        if let scheduled {
            var status = VirtualMachineStatus()
            status.conditions = [
                Condition(
                    type: "Scheduled", status: .false, reason: "Unschedulable", message: scheduled,
                    observedGeneration: 1, lastTransitionTime: WallTime(milliseconds: 0))
            ]
            object.status = status.json.canonicalBytes
        }
        return object
    }

    @Test("the log of a machine without a node says that it has printed nothing, and why it has no node")
    func logs() throws {
        #expect(
            logsOfUnbound(try machine([:], scheduled: "1 insufficient memory"))
                == "web is on no node yet, so it has printed nothing: 1 insufficient memory")
        #expect(logsOfUnbound(try machine([:])) == "web is on no node yet, so it has printed nothing")
        #expect(
            logsOfUnbound(try machine(["runStrategy": "Halted"])).hasPrefix(
                "web has never had a node, so it has printed nothing: "))
        #expect(logsOfUnbound(try machine(["fromTomorrow": 1])) == "web is on no node yet, so it has printed nothing")
    }

    @Test(
        "a start of a machine without a node is refused, and the answer says whether it comes by itself later",
        arguments: ["Always", "Once", "Manual"])
    func start(strategy: String) throws {
        let said = judgeUnbound(try machine(["runStrategy": .string(strategy)], scheduled: "1 insufficient memory"))
        let then = strategy == "Manual" ? "ask again when it has one" : "it is started when it has one"
        #expect(said == "web is on no node; \(then): 1 insufficient memory")
        #expect(judgeUnbound(try machine(["runStrategy": .string(strategy)])) == nil)
    }
}
