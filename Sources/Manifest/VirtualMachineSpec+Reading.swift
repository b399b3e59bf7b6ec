public import JSONText

extension VirtualMachineSpec: SpecView {
    public static var kind: KindInfo { .virtualMachine }

    public init(json: JSON) throws(NotUnderstood) {
        var fields = try FieldReader(json, at: JSONPath(keys: "spec"))
        self.init()
        runStrategy = try fields.choice("runStrategy", of: RunStrategy.self) ?? runStrategy
        vcpus = try fields.integer("vcpus", in: 1...64) ?? vcpus
        memoryBytes = try fields.quantity("memory") ?? memoryBytes
        if let boot = try fields.nested("boot") { self.boot = try Boot(boot) }
        for disk in try fields.elements("disks") { disks.append(try Disk(disk)) }
        for network in try fields.elements("networks") { networks.append(try Network(network)) }
        nodeName = try fields.string("nodeName")
        nodeSelector = try fields.stringMap("nodeSelector") ?? nodeSelector
        terminationGracePeriodSeconds =
            try fields.integer("terminationGracePeriodSeconds", in: 0...3600) ?? terminationGracePeriodSeconds
        try fields.finish()
    }
}

extension VirtualMachineSpec.Boot {
    init(_ reader: FieldReader) throws(NotUnderstood) {
        var fields = reader
        let guest = try fields.string("guest")
        let kernel = try fields.string("kernel")
        let initrd = try fields.string("initrd")
        let commandLine = try fields.string("commandLine")
        let disk = try fields.string("disk")
        try fields.finish()
        switch (guest, kernel, disk) {
        case ("builtin", nil, nil) where initrd == nil && commandLine == nil: self = .builtin
        case (nil, let kernel?, nil): self = .kernel(image: kernel, initrd: initrd, commandLine: commandLine)
        case (nil, nil, let disk?) where initrd == nil && commandLine == nil: self = .disk(disk)
        default:
            throw NotUnderstood(
                path: fields.path,
                problem: .unexpected(
                    found: fields.askedFields.joined(separator: ", "),
                    allowed: "the guest \"builtin\", a kernel (with initrd and commandLine) or a disk"))
        }
    }
}

extension VirtualMachineSpec.Disk {
    fileprivate init(_ reader: FieldReader) throws(NotUnderstood) {
        var fields = reader
        self.init(
            name: try fields.require(fields.string("name"), "name"),
            sizeBytes: try fields.require(fields.quantity("size"), "size"),
            format: try fields.choice("format", of: VirtualMachineSpec.DiskFormat.self) ?? .qcow2,
            image: try fields.string("image"))
        try fields.finish()
    }
}

extension VirtualMachineSpec.Network {
    fileprivate init(_ reader: FieldReader) throws(NotUnderstood) {
        var fields = reader
        self.init(
            name: try fields.require(fields.string("name"), "name"),
            type: try fields.choice("type", of: VirtualMachineSpec.NetworkType.self) ?? .user,
            portForwards: try fields.portForwards("portForwards"))
        try fields.finish()
    }
}

extension FieldReader {
    mutating func portForwards(_ key: String) throws(NotUnderstood) -> [PortForward] {
        var forwards: [PortForward] = []
        for element in try elements(key) {
            var fields = element
            forwards.append(
                PortForward(
                    transport: try fields.choice("protocol", of: PortForward.TransportProtocol.self) ?? .tcp,
                    hostAddress: try fields.string("hostAddress") ?? "127.0.0.1",
                    hostPort: try fields.require(fields.integer("hostPort", in: 1...65535), "hostPort"),
                    guestPort: try fields.require(fields.integer("guestPort", in: 1...65535), "guestPort")))
            try fields.finish()
        }
        return forwards
    }
}
