import Hypervisor
import Primitives

/// QEMU's arguments for a machine: a pure function of its spec and the host's options.
///
/// All names are relative to the machine directory, which is QEMU's working directory.
struct CommandLine: Equatable, Sendable {
    let arguments: [String]

    init(_ spec: MachineSpec, options: LaunchOptions) {
        var arguments = Self.identity(of: spec)
        arguments += Self.hardware(of: spec, accelerator: options.accelerator)
        arguments += Self.confinement
        arguments += Self.channels
        for disk in spec.disks { arguments += Self.arguments(for: disk, boots: spec.boot == .disk(name: disk.name)) }
        for network in spec.networks { arguments += Self.arguments(for: network, of: spec.uid) }
        arguments += Self.boot(of: spec, options: options)
        self.arguments = arguments
    }

    private static func identity(of spec: MachineSpec) -> [String] {
        // The kernel shows 15 bytes of a process's name.
        let process = String(("blx-" + (spec.name.split(separator: "/").last ?? "")).prefix(15))
        return [
            "-name", "guest=\(escape(spec.name)),process=\(escape(process)),debug-threads=on",
            "-uuid", spec.uid.description,
            "-no-user-config", "-nodefaults", "-display", "none",
        ]
    }

    private static func hardware(of spec: MachineSpec, accelerator: Accelerator) -> [String] {
        // Without a bound the cache of translated code grows to 1 GiB; 64 MiB boots as fast.
        let accel = accelerator == .kvm ? "kvm" : "tcg,tb-size=64"
        return [
            "-machine", "q35,usb=off,vmport=off,dump-guest-core=off",
            "-accel", accel, "-cpu", accelerator == .kvm ? "host" : "max",
            "-smp", String(spec.vcpus), "-m", "\(spec.memoryBytes)B",
            // The built-in guest and Linux both know pvpanic at its port.
            "-device", "pvpanic",
        ]
    }

    /// No new privileges, no other programs; and an end of the guest leaves its process for the driver to look at.
    private static let confinement = [
        "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
        "-action", "shutdown=pause,panic=pause,reboot=reset",
    ]

    private static let channels = [
        "-pidfile", MachineDirectory.pidFile,
        "-chardev", "socket,id=mon0,path=\(MachineDirectory.driverSocket),server=on,wait=off",
        "-mon", "chardev=mon0,mode=control",
        "-chardev", "socket,id=mon1,path=\(MachineDirectory.adminSocket),server=on,wait=off",
        "-mon", "chardev=mon1,mode=control",
        "-chardev",
        "socket,id=ser0,path=\(MachineDirectory.consoleSocket),server=on,wait=off,"
            + "logfile=\(MachineDirectory.consoleLog),logappend=on",
        "-serial", "chardev:ser0",
    ]

    private static func arguments(for disk: MachineSpec.Disk, boots: Bool) -> [String] {
        let file = escape(MachineDirectory.fileName(of: disk))
        let node = DeviceName.node(of: disk.name, suffix: "")
        let fileNode = DeviceName.node(of: disk.name, suffix: "_file")
        // The guest finds the disk by its serial number.
        let serial = escape(DeviceName.serial(of: disk.name))
        return [
            "-blockdev", "driver=file,node-name=\(fileNode),filename=\(file)",
            "-blockdev", "driver=\(disk.format.rawValue),node-name=\(node),file=\(fileNode)",
            "-device",
            "virtio-blk-pci,drive=\(node),id=dev-\(node),serial=\(serial)" + (boots ? ",bootindex=0" : ""),
        ]
    }

    private static func arguments(for network: MachineSpec.Network, of uid: UID) -> [String] {
        var backend = "user,id=net-\(network.name)"
        for forward in network.forwards {
            backend +=
                ",hostfwd=\(forward.protocol.rawValue):\(escape(forward.hostAddress)):\(forward.hostPort)"
                + "-:\(forward.guestPort)"
        }
        let address = hardwareAddress(of: network.name, machine: uid)
        return [
            "-netdev", backend,
            // Without the option ROM the firmware does not try to boot from the network.
            "-device", "virtio-net-pci,netdev=net-\(network.name),id=nic-\(network.name),mac=\(address),romfile=",
        ]
    }

    private static func boot(of spec: MachineSpec, options: LaunchOptions) -> [String] {
        switch spec.boot {
        case .builtin:
            return ["-kernel", options.builtinKernelPath]
        case .kernel(let path, let initrd, let commandLine):
            var arguments = ["-device", "virtio-rng-pci", "-kernel", path]
            if let initrd { arguments += ["-initrd", initrd] }
            if !commandLine.isEmpty { arguments += ["-append", commandLine] }
            return arguments
        case .disk:
            return ["-device", "virtio-rng-pci"]
        }
    }

    /// Always the same for the same machine and network, so that a guest finds its card again after a restart.
    static func hardwareAddress(of network: String, machine: UID) -> String {
        var hash = StableHash()
        hash.combine(machine.high)
        hash.combine(machine.low)
        hash.combine(network)
        // 52:54 is locally administered, and what people expect of QEMU.
        let bytes: [UInt8] = [0x52, 0x54] + (0..<4).map { UInt8(truncatingIfNeeded: hash.value >> (8 * UInt64($0))) }
        return bytes.map { Hex.encode([$0]) }.joined(separator: ":")
    }

    /// Within an option a comma ends a value, unless it is written twice.
    static func escape(_ value: String) -> String {
        value.split(separator: ",", omittingEmptySubsequences: false).joined(separator: ",,")
    }
}

/// What the driver adds to a machine's spec to start it on this host.
struct LaunchOptions: Equatable, Sendable {
    var accelerator: Accelerator
    /// The file of the built-in guest.
    var builtinKernelPath: String
}
