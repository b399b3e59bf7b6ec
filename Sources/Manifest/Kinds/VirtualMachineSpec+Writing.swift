public import JSONText

extension VirtualMachineSpec {
    public var json: JSON {
        var json: JSON = [
            "runStrategy": .string(runStrategy.rawValue),
            "stopped": .bool(isStopped),
            "vcpus": .integer(Int64(vcpus)),
            "memory": .quantity(memoryBytes),
            "boot": boot.json,
            "disks": .array(disks.map(\.json)),
            "networks": .array(networks.map(\.json)),
            "nodeSelector": .strings(nodeSelector),
            "terminationGracePeriodSeconds": .integer(Int64(terminationGracePeriodSeconds)),
        ]
        json["nodeName"] = nodeName.map(JSON.string)
        return json
    }
}

extension VirtualMachineSpec.Boot {
    fileprivate var json: JSON {
        switch self {
        case .builtin: return ["guest": "builtin"]
        case .disk(let name): return ["disk": .string(name)]
        case .kernel(let image, let initrd, let commandLine):
            var json: JSON = ["kernel": .string(image)]
            json["initrd"] = initrd.map(JSON.string)
            json["commandLine"] = commandLine.map(JSON.string)
            return json
        }
    }
}

extension VirtualMachineSpec.Disk {
    fileprivate var json: JSON {
        var json: JSON = [
            "name": .string(name), "size": .quantity(sizeBytes), "format": .string(format.rawValue),
        ]
        json["image"] = image.map(JSON.string)
        return json
    }
}

extension VirtualMachineSpec.Network {
    fileprivate var json: JSON {
        [
            "name": .string(name), "type": .string(type.rawValue),
            "portForwards": .array(portForwards.map(\.json)),
        ]
    }
}

extension PortForward {
    var json: JSON {
        [
            "protocol": .string(transport.rawValue), "hostAddress": .string(hostAddress),
            "hostPort": .integer(Int64(hostPort)), "guestPort": .integer(Int64(guestPort)),
        ]
    }
}

extension JSON {
    /// Whole units as a quantity.
    static func quantity(_ whole: Int64) -> JSON { .string(Quantity(whole).description) }

    /// A counter, which stays below 2^63.
    static func counter(_ value: UInt64) -> JSON { .integer(Int64(clamping: value)) }
}
