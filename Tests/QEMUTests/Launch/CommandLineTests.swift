import Hypervisor
import Primitives
import Testing

@testable import QEMU

@Suite("QEMU's command line")
struct CommandLineTests {
    private func arguments(_ spec: MachineSpec, _ accelerator: Accelerator = .tcg) -> [String] {
        CommandLine(spec, options: LaunchOptions(accelerator: accelerator, builtinKernelPath: "/cache/guest.bz"))
            .arguments
    }

    /// What every machine has, in order.
    private let channels = [
        "-pidfile", "pid",
        "-chardev", "socket,id=mon0,path=qmp.sock,server=on,wait=off", "-mon", "chardev=mon0,mode=control",
        "-chardev", "socket,id=mon1,path=admin.sock,server=on,wait=off", "-mon", "chardev=mon1,mode=control",
        "-chardev", "socket,id=ser0,path=console.sock,server=on,wait=off,logfile=console.log,logappend=on",
        "-serial", "chardev:ser0",
    ]

    @Test("The command line of a built-in guest is exactly the expected one")
    func builtin() {
        let expected =
            [
                "-name", "guest=default/web,process=blx-web,debug-threads=on",
                "-uuid", exampleSpec().uid.description, "-no-user-config", "-nodefaults", "-display", "none",
                "-machine", "q35,usb=off,vmport=off,dump-guest-core=off", "-accel", "tcg,tb-size=64", "-cpu", "max",
                "-smp", "1", "-m", "67108864B", "-device", "pvpanic",
                "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
                "-action", "shutdown=pause,panic=pause,reboot=reset",
            ] + channels + ["-kernel", "/cache/guest.bz"]
        #expect(arguments(exampleSpec()) == expected)
    }

    @Test("The command line of a kernel with disks and networks ends as expected")
    func full() {
        var spec = exampleSpec(
            boot: .kernel(path: "/images/k,1", initrd: "/images/i", commandLine: "console=ttyS0 a,b"))
        spec.disks = [
            MachineSpec.Disk(name: "root", sizeBytes: 1 << 30, format: .qcow2, baseImage: nil),
            MachineSpec.Disk(name: "data", sizeBytes: 1 << 20, format: .raw, baseImage: nil),
        ]
        spec.networks = [
            MachineSpec.Network(
                name: "lan",
                forwards: [
                    .init(protocol: .tcp, hostAddress: "127.0.0.1", hostPort: 8080, guestPort: 80),
                    .init(protocol: .udp, hostAddress: "0.0.0.0", hostPort: 53, guestPort: 5353),
                ])
        ]
        let mac = CommandLine.hardwareAddress(of: "lan", machine: spec.uid)
        let tail = [
            "-blockdev", "driver=file,node-name=disk-root_file,filename=disk-root.qcow2",
            "-blockdev", "driver=qcow2,node-name=disk-root,file=disk-root_file",
            "-device", "virtio-blk-pci,drive=disk-root,id=dev-disk-root,serial=root",
            "-blockdev", "driver=file,node-name=disk-data_file,filename=disk-data.raw",
            "-blockdev", "driver=raw,node-name=disk-data,file=disk-data_file",
            "-device", "virtio-blk-pci,drive=disk-data,id=dev-disk-data,serial=data",
            "-netdev", "user,id=net-lan,hostfwd=tcp:127.0.0.1:8080-:80,hostfwd=udp:0.0.0.0:53-:5353",
            "-device", "virtio-net-pci,netdev=net-lan,id=nic-lan,mac=\(mac),romfile=",
            "-device", "virtio-rng-pci", "-kernel", "/images/k,1", "-initrd", "/images/i",
            "-append", "console=ttyS0 a,b",
        ]
        #expect(Array(arguments(spec).suffix(tail.count)) == tail)
    }

    @Test("QEMU's command line boots from the disk that the spec names, and from no other")
    func bootDisk() {
        var spec = exampleSpec(boot: .disk(name: "b"))
        spec.disks = ["a", "b"].map { .init(name: $0, sizeBytes: 512, format: .raw, baseImage: nil) }
        #expect(
            arguments(spec).filter { $0.contains("bootindex") }
                == ["virtio-blk-pci,drive=disk-b,id=dev-disk-b,serial=b,bootindex=0"])
        #expect(!arguments(spec).contains("-kernel"))
    }

    @Test("QEMU's command line uses the host's processor with KVM")
    func kvm() {
        let kvm = arguments(exampleSpec(), .kvm)
        let place = kvm.firstIndex(of: "-accel")!
        #expect(kvm[place...].prefix(4) == ["-accel", "kvm", "-cpu", "host"])
    }

    @Test("QEMU's command line doubles commas in names, so that a name can't become an option")
    func escaping() {
        var spec = exampleSpec()
        spec.name = "default/a,debug-threads=off"
        #expect(arguments(spec)[1] == "guest=default/a,,debug-threads=off,process=blx-a,,debug-thr,debug-threads=on")
    }

    @Test("QEMU's command line gives each card its own lasting address")
    func hardwareAddresses() {
        let spec = exampleSpec()
        let one = CommandLine.hardwareAddress(of: "lan", machine: spec.uid)
        #expect(one == CommandLine.hardwareAddress(of: "lan", machine: spec.uid))
        #expect(one != CommandLine.hardwareAddress(of: "wan", machine: spec.uid))
        #expect(one != CommandLine.hardwareAddress(of: "lan", machine: exampleSpec(index: 2).uid))
        #expect(one.hasPrefix("52:54:") && one.utf8.count == 17)
    }
}
