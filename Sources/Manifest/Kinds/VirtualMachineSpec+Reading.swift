public import JSONText

extension VirtualMachineSpec: SpecView {
    public static var kind: KindInfo { .virtualMachine }

    public init(json: JSON) throws(NotUnderstood) {
        var fields = try FieldReader(json, at: JSONPath(keys: "spec"))
        self.init()
        runStrategy = try fields.choice("runStrategy", of: RunStrategy.self) ?? runStrategy
        isStopped = try fields.bool("stopped") ?? isStopped
        vcpus = try fields.integer("vcpus", in: 1...64) ?? vcpus
        memoryBytes = try fields.quantity("memory", in: Self.memoryRange) ?? memoryBytes
        if let boot = try fields.nested("boot") { self.boot = try Boot(boot) }
        for disk in try fields.elements("disks", atMost: Self.mostDisks) { disks.append(try Disk(disk)) }
        for network in try fields.elements("networks", atMost: Self.mostNetworks) {
            networks.append(try Network(network))
        }
        nodeName = try fields.label("nodeName")
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
        let kernel = try fields.label("kernel")
        let initrd = try fields.label("initrd")
        let commandLine = try fields.string(
            "commandLine", .kernelCommandLine, atMostBytes: VirtualMachineSpec.longestCommandLine)
        let disk = try fields.label("disk")
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
            name: try fields.require(fields.label("name"), "name"),
            sizeBytes: try fields.require(fields.quantity("size", in: VirtualMachineSpec.diskRange), "size"),
            format: try fields.choice("format", of: VirtualMachineSpec.DiskFormat.self) ?? .qcow2,
            image: try fields.label("image"))
        try fields.finish()
    }
}

extension VirtualMachineSpec.Network {
    fileprivate init(_ reader: FieldReader) throws(NotUnderstood) {
        var fields = reader
        self.init(
            name: try fields.require(fields.label("name"), "name"),
            type: try fields.choice("type", of: VirtualMachineSpec.NetworkType.self) ?? .user,
            portForwards: try fields.portForwards("portForwards", atMost: VirtualMachineSpec.mostPortForwards))
        try fields.finish()
    }
}

extension FieldReader {
    /// A name that fits into file names, identifiers of devices and paths of the API.
    mutating func label(_ key: String) throws(NotUnderstood) -> String? {
        try string(key, .rfc1123Label, atMostBytes: 63)
    }

    mutating func portForwards(_ key: String, atMost limit: Int) throws(NotUnderstood) -> [PortForward] {
        var forwards: [PortForward] = []
        for element in try elements(key, atMost: limit) {
            var fields = element
            forwards.append(
                PortForward(
                    transport: try fields.choice("protocol", of: PortForward.TransportProtocol.self) ?? .tcp,
                    hostAddress: try fields.string("hostAddress", .ipv4, atMostBytes: 15) ?? "127.0.0.1",
                    hostPort: try fields.require(fields.integer("hostPort", in: 1...65535), "hostPort"),
                    guestPort: try fields.require(fields.integer("guestPort", in: 1...65535), "guestPort")))
            try fields.finish()
        }
        return forwards
    }
}
