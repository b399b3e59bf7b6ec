import Primitives

extension MachineSpec {
    /// Sixteen hexadecimal digits that differ when a running machine must restart to follow the spec.
    ///
    /// Files that the machine boots from count by their names without directories: images are named by their digests,
    /// and the directory of all of them can be moved.
    ///
    /// Name, epoch, generation and grace are left out, and so is the base image of a disk: it matters only when the
    /// disk is made, and no restart makes it anew. The same in every process and on every host.
    public var launchDigest: String {
        var hash = StableHash()
        hash.combine(UInt64(bitPattern: Int64(vcpus)))
        hash.combine(UInt64(bitPattern: memoryBytes))
        combine(boot, into: &hash)
        hash.combine(UInt64(disks.count))
        for disk in disks {
            hash.combine(disk.name)
            hash.combine(UInt64(bitPattern: disk.sizeBytes))
            hash.combine(disk.format.rawValue)
        }
        hash.combine(UInt64(networks.count))
        for network in networks {
            hash.combine(network.name)
            hash.combine(UInt64(network.forwards.count))
            for forward in network.forwards {
                hash.combine(forward.protocol.rawValue)
                hash.combine(forward.hostAddress)
                hash.combine(UInt64(forward.hostPort) << 16 | UInt64(forward.guestPort))
            }
        }
        return Hex.encode((0..<8).map { UInt8(truncatingIfNeeded: hash.value >> (56 - 8 * UInt64($0))) })
    }

    private func fileName(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? ""
    }

    private func combine(_ boot: Boot, into hash: inout StableHash) {
        switch boot {
        case .builtin:
            hash.combine("builtin")
        case .kernel(let path, let initrd, let commandLine):
            hash.combine("kernel")
            hash.combine(fileName(path))
            // A missing initrd and one with an empty name are two different things.
            hash.combine(initrd == nil ? 0 : 1)
            hash.combine(initrd.map(fileName) ?? "")
            hash.combine(commandLine)
        case .disk(let name):
            hash.combine("disk")
            hash.combine(name)
        }
    }
}
