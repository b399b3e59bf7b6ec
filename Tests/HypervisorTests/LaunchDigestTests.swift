import Hypervisor
import Primitives
import Testing

@Suite("What a running machine must restart for")
struct LaunchDigestTests {
    @Test("a change of name, epoch, generation or the disks' base image keeps the launch digest")
    func stays() {
        let spec = exampleSpec()
        var other = spec
        other.name = "default/other"
        other.epoch = 7
        other.generation = 9
        other.disks[0].baseImage = MachineSpec.BaseImage(path: "/images/one", format: .qcow2)
        #expect(other.launchDigest == spec.launchDigest)
    }

    static let changes: [@Sendable (inout MachineSpec) -> Void] = [
        { $0.vcpus = 2 },
        { $0.memoryBytes += 1 << 20 },
        { $0.boot = .disk(name: "root") },
        { $0.boot = .kernel(path: "/k", initrd: nil, commandLine: "") },
        { $0.boot = .kernel(path: "/k", initrd: "", commandLine: "") },
        { $0.boot = .kernel(path: "/k", initrd: nil, commandLine: "quiet") },
        { $0.disks[0].sizeBytes *= 2 },
        { $0.disks[0].name = "data" },
        { $0.disks[0].format = .qcow2 },
        { $0.disks = [] },
        { $0.networks[0].name = "other" },
        { $0.networks[0].forwards[0].guestPort = 81 },
        { $0.networks[0].forwards[0].hostPort = 81 },
        { $0.networks[0].forwards[0].hostAddress = "127.0.0.2" },
        { $0.networks[0].forwards[0].protocol = .udp },
        { $0.networks[0].forwards = [] },
        { $0.networks = [] },
    ]

    @Test("every other change gives another launch digest, and no two changes give the same")
    func differs() {
        var seen: Set<String> = [exampleSpec().launchDigest]
        for change in Self.changes {
            var spec = exampleSpec()
            change(&spec)
            #expect(seen.insert(spec.launchDigest).inserted)
        }
    }

    @Test("the launch digest is written the same way in every release")
    func golden() {
        #expect(exampleSpec().launchDigest == "743fe16c91059c60")
        #expect(exampleSpec().launchDigest.utf8.count == 16)
    }
}
