public import Hypervisor
import Manifest

extension MachineSpec {
    /// What the driver is told; nil while an image that the start needs is not here.
    ///
    /// - Parameter observed: The last look: a disk that is there needs no image, and what the machine was booted from
    ///   before is good enough where the image can't be had any more.
    public init?(_ desired: DesiredMachine, images: ImageShelf, observed: MachineObservation?) {
        var bootImages: [String: String] = [:]
        func path(_ name: String) -> String? {
            if case .held(let path, _, _) = images[name] {
                bootImages[name] = path
            } else {
                bootImages[name] = observed?.bootImages[name]
            }
            return bootImages[name]
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
            let isFilled = observed?.disks?.contains(disk.name) == true
            var base: BaseImage?
            if let image = disk.image, !isFilled {
                guard case .held(let path, let format, _) = images[image] else { return nil }
                base = BaseImage(path: path, format: format == .qcow2 ? .qcow2 : .raw)
            }
            var told = Disk(
                name: disk.name, sizeBytes: disk.sizeBytes, format: disk.format == .raw ? .raw : .qcow2,
                baseImage: base)
            told.isFilled = isFilled
            disks.append(told)
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
        self.bootImages = bootImages
        graceMilliseconds = desired.graceMilliseconds
    }
}
