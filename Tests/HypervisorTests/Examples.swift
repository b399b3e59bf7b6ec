import Hypervisor
import Primitives

/// A small machine for tests.
func exampleSpec(index: UInt64 = 1, epoch: UInt64 = 1, generation: UInt64 = 1) -> MachineSpec {
    MachineSpec(
        uid: UID(cluster: "test", index: index, position: 0), name: "default/web-\(index)", epoch: epoch,
        generation: generation, vcpus: 1, memoryBytes: 64 << 20, boot: .builtin,
        disks: [MachineSpec.Disk(name: "root", sizeBytes: 1 << 20, format: .raw, baseImage: nil)],
        networks: [
            MachineSpec.Network(
                name: "default",
                forwards: [
                    MachineSpec.PortForward(protocol: .tcp, hostAddress: "127.0.0.1", hostPort: 8080, guestPort: 80)
                ])
        ])
}
