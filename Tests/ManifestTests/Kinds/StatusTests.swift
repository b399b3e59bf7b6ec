import JSONText
import Manifest
import Primitives
import Testing

@Suite struct StatusTests {
    private let condition = Condition(
        type: "Ready", status: .true, reason: "Running", message: "it runs", observedGeneration: 3,
        lastTransitionTime: WallTime(milliseconds: 1_769_903_999_000))

    @Test("A machine's status goes there and back, full and empty")
    func machines() throws {
        var status = VirtualMachineStatus()
        #expect(try VirtualMachineStatus(json: status.json) == status)
        #expect(try VirtualMachineStatus(json: [:]) == status)
        status.observedGeneration = 3
        status.phase = .crashLoopBackOff
        status.ready = true
        status.nodeName = "node-1"
        status.epoch = 42
        status.pid = 4711
        status.startedAt = WallTime(milliseconds: 1000)
        status.lastStartedAt = WallTime(milliseconds: 1001)
        status.request = VirtualMachineStatus.Request(verb: "restart", lastStartedAt: WallTime(milliseconds: 999))
        status.restarts = 2
        status.addresses = ["10.0.0.1"]
        status.portForwards = [PortForward(transport: .udp, hostAddress: "0.0.0.0", hostPort: 53, guestPort: 5353)]
        status.launchedGeneration = 2
        status.accelerator = "tcg"
        status.disks = ["a", "b"]
        status.message = "waits"
        status.conditions = [condition]
        #expect(try VirtualMachineStatus(canonical: status.json.canonicalBytes) == status)
        #expect(status.json["phase"] == "CrashLoopBackOff")
    }

    @Test("A phase that an older program stored under another name is read, and written under its own")
    func storedPhase() throws {
        let old: JSON = ["printableStatus": "Running"]
        #expect(try VirtualMachineStatus(json: old).phase == .running)
        #expect(try VirtualMachineStatus(json: old).json["printableStatus"] == nil)
        #expect(try VirtualMachineStatus(json: ["phase": "Stopped", "printableStatus": "Running"]).phase == .stopped)
    }

    @Test("Fields and words of a newer program do not hide the rest of a status")
    func newer() throws {
        let json: JSON = ["phase": "Hibernating", "ready": true, "fromTomorrow": [1]]
        let status = try VirtualMachineStatus(json: json)
        #expect(status.phase == .unknown)
        #expect(status.ready)
        #expect(throws: NotUnderstood.self) { try VirtualMachineStatus(json: ["ready": "yes"]) }
    }

    @Test("A node's status goes there and back")
    func nodes() throws {
        let key = try #require(PublicKey(Array(repeating: 7, count: 32)))
        let status = NodeStatus(
            raftID: 3, publicKey: key, addresses: ["10.0.0.3:7001"], role: .learner, version: "1.0",
            capacity: NodeResources(cpus: 8, memoryBytes: 16 << 30),
            allocatable: NodeResources(cpus: 7, memoryBytes: 15_000_000_001), accelerator: "kvm",
            conditions: [condition])
        #expect(try NodeStatus(canonical: status.json.canonicalBytes) == status)
        #expect(status.json["capacity"]?["memory"] == "16Gi")
        var broken = status.json
        broken["publicKey"] = "00"
        #expect(throws: NotUnderstood.self) { try NodeStatus(json: broken) }
    }

    @Test("An image's status goes there and back")
    func images() throws {
        let status = ImageStatus(nodes: [
            ImageStatus.NodeCopy(name: "node-1", bytes: 5, state: .fetching, message: ""),
            ImageStatus.NodeCopy(name: "node-2", bytes: 0, state: .failed, message: "no such file"),
        ])
        #expect(try ImageStatus(canonical: status.json.canonicalBytes) == status)
        #expect(try ImageStatus(json: [:]).nodes.isEmpty)
    }

    @Test("The time of a condition's last transition moves only with its status")
    func transitions() {
        var conditions = [condition]
        var later = condition
        later.lastTransitionTime = WallTime(milliseconds: 1_769_904_000_000)
        later.message = "still"
        conditions.set(later)
        #expect(conditions["Ready"]?.message == "still")
        #expect(conditions["Ready"]?.lastTransitionTime == condition.lastTransitionTime)
        later.status = .false
        conditions.set(later)
        #expect(conditions["Ready"]?.lastTransitionTime == later.lastTransitionTime)
        later.type = "Paused"
        conditions.set(later)
        #expect(conditions.map(\.type) == ["Ready", "Paused"])
        #expect(conditions["None"] == nil)
    }
}
