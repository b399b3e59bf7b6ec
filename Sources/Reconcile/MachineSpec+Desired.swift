public import Hypervisor
import Manifest

extension MachineSpec {
    /// What the driver is told; nil while an image is not here.
    public init?(_ desired: DesiredMachine, images: ImageShelf) {
        func path(_ name: String) -> String? {
            if case .held(let path, _, _) = images[name] { path } else { nil }
        }
        let boot: Boot
        switch desired.spec.boot {
        case .builtin: boot = .builtin
        case .disk(let name): boot = .disk(name: name)
        case .kernel(let image, let initrd, let commandLine):
            guard let kernelPath = path(image) else { return nil }
            var initrdPath: String?
            if let initrd {
                guard let found = path(initrd) else { return nil }
                initrdPath = found
            }
            boot = .kernel(path: kernelPath, initrd: initrdPath, commandLine: commandLine ?? "")
        }
        var disks: [Disk] = []
        for disk in desired.spec.disks {
            var base: BaseImage?
            if let image = disk.image {
                guard case .held(let path, let format, _) = images[image] else { return nil }
                base = BaseImage(path: path, format: format == .qcow2 ? .qcow2 : .raw)
            }
            disks.append(
                Disk(
                    name: disk.name, sizeBytes: disk.sizeBytes, format: disk.format == .raw ? .raw : .qcow2,
                    baseImage: base))
        }
        self.init(
            uid: desired.uid, name: "\(desired.key.namespace)/\(desired.key.name)", epoch: desired.epoch,
            generation: desired.generation, vcpus: desired.spec.vcpus, memoryBytes: desired.spec.memoryBytes,
            boot: boot, disks: disks,
            networks: desired.spec.networks.map { network in
                Network(
                    name: network.name,
                    forwards: network.portForwards.map {
                        MachineSpec.PortForward(
                            protocol: $0.transport == .tcp ? .tcp : .udp, hostAddress: $0.hostAddress,
                            hostPort: UInt16($0.hostPort), guestPort: UInt16($0.guestPort))
                    })
            })
    }
}
