import Glibc
import Hypervisor
import Primitives

@testable import QEMU

func exampleSpec(index: UInt64 = 1, epoch: UInt64 = 1, boot: MachineSpec.Boot = .builtin) -> MachineSpec {
    MachineSpec(
        uid: UID(cluster: "test", index: index, position: 0), name: "default/web", epoch: epoch, generation: 1,
        vcpus: 1, memoryBytes: 64 << 20, boot: boot, disks: [], networks: [])
}

func exampleRecord() -> LaunchRecord {
    var record = LaunchRecord(
        uid: exampleSpec().uid, name: "default/web", epoch: .max, generation: 2, launchDigest: "0123456789abcdef",
        executable: "/usr/bin/qemu", arguments: ["-name", "a,b \"c\""], accelerator: .tcg, bootID: "boot",
        startedAt: WallTime(milliseconds: 123_456),
        process: LaunchRecord.Process(pid: 42, startTicks: 99, version: "7.2.22", machineType: nil),
        ended: .crashed(message: "signal 9"))
    record.graceMilliseconds = 90_000
    return record
}
