import JSONText

extension Violation {
    /// What ties fields of a machine together, beyond what a schema can say.
    ///
    /// - Parameter spec: Valid by the schema.
    static func relations(ofMachine spec: JSON) -> [Violation] {
        bootDisk(of: spec) + hostPorts(of: spec)
    }

    private static func bootDisk(of spec: JSON) -> [Violation] {
        let disks = spec["disks"]?.array?.compactMap { $0["name"]?.string } ?? []
        guard let disk = spec["boot"]?["disk"], !disks.contains(where: { .string($0) == disk }) else { return [] }
        let named = disks.isEmpty ? "and there is none" : disks.map { "\"\($0)\"" }.joined(separator: ", ")
        return [
            .invalid(
                JSONPath(keys: "spec", "boot", "disk"), disk, "must be the name of one of spec.disks: \(named)")
        ]
    }

    /// A port of the host that a machine's forwards take.
    private struct HostPort {
        let transport: String
        let address: String
        let port: Int64
        let path: JSONPath

        /// Whether no two sockets can listen at both: the same port, at one address or at all of them.
        func overlaps(_ other: HostPort) -> Bool {
            transport == other.transport && port == other.port
                && (address == other.address || address == Self.everyAddress || other.address == Self.everyAddress)
        }

        var text: String { "\(address):\(port)/\(transport)" }

        private static let everyAddress = "0.0.0.0"
    }

    private static func hostPorts(of spec: JSON) -> [Violation] {
        var violations: [Violation] = []
        var taken: [HostPort] = []
        for (network, value) in (spec["networks"]?.array ?? []).enumerated() {
            let place = JSONPath(keys: "spec", "networks").appending(network).appending("portForwards")
            for (index, forward) in (value["portForwards"]?.array ?? []).enumerated() {
                guard let number = forward["hostPort"]?.integer else { continue }
                let port = HostPort(
                    transport: forward["protocol"]?.string ?? "tcp",
                    address: forward["hostAddress"]?.string ?? "127.0.0.1", port: number,
                    path: place.appending(index).appending("hostPort"))
                if let other = taken.first(where: port.overlaps) { violations.append(overlap(port, other)) }
                taken.append(port)
            }
        }
        return violations
    }

    private static func overlap(_ port: HostPort, _ other: HostPort) -> Violation {
        let isSame = port.address == other.address
        let rule =
            "\(port.text) \(isSame ? "is" : "overlaps with") \(other.text) of \(other.path): "
            + "give one of the two another hostPort"
        return isSame
            ? Violation(path: port.path, reason: .duplicate, detail: "Duplicate value: \(port.port): \(rule)")
            : .invalid(port.path, .integer(port.port), rule)
    }
}
