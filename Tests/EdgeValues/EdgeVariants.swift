package import JSONText
import Manifest
import Primitives

/// A value in which one part is replaced by an edge.
package struct EdgeVariant: Sendable, CustomStringConvertible {
    package let path: JSONPath
    package let value: JSON
    package let whole: JSON

    package var description: String {
        "\(path) = \(String(decoding: value.canonicalBytes.prefix(60), as: UTF8.self))"
    }
}

/// Edges of what no schema describes: a status is written by nodes, and read by every node and user.
package enum EdgeVariants {
    /// The sample with every edge in the place of each of its parts, and without each of its members.
    package static func of(_ sample: JSON, at path: JSONPath = .root) -> [EdgeVariant] {
        var found = edges.map { EdgeVariant(path: path, value: $0, whole: $0) }
        for member in sample.object ?? [:] {
            for inner in of(member.value, at: path.appending(member.key)) {
                var whole = sample
                whole[member.key] = inner.whole
                found.append(EdgeVariant(path: inner.path, value: inner.value, whole: whole))
            }
            var rest = sample
            rest[member.key] = nil
            found.append(EdgeVariant(path: path.appending(member.key), value: .null, whole: rest))
        }
        guard let first = sample.array?.first else { return found }
        for inner in of(first, at: path.appending(0)) {
            found.append(EdgeVariant(path: inner.path, value: inner.value, whole: [inner.whole]))
        }
        return found
    }

    /// Statuses of machines, with every member that one can have.
    package static var ofMachines: [EdgeVariant] {
        var status = VirtualMachineStatus()
        status.phase = .running
        status.nodeName = "node-1"
        status.epoch = 1
        status.pid = 7
        status.startedAt = WallTime(milliseconds: 1)
        status.addresses = ["10.0.2.15"]
        status.portForwards = [PortForward(transport: .tcp, hostAddress: "127.0.0.1", hostPort: 1, guestPort: 1)]
        status.launchedGeneration = 1
        status.accelerator = "tcg"
        status.disks = ["root"]
        status.message = "m"
        status.conditions = conditions
        return of(status.json)
    }

    package static var ofNodes: [EdgeVariant] {
        guard let key = PublicKey([UInt8](repeating: 1, count: 32)) else { preconditionFailure("32 bytes are a key") }
        let room = NodeResources(cpus: 4, memoryBytes: 1 << 30)
        return of(
            NodeStatus(
                raftID: 1, publicKey: key, addresses: ["a:1"], role: .voter, version: "1", capacity: room,
                allocatable: room, accelerator: "kvm", conditions: conditions
            ).json)
    }

    /// What one node says of its copy of an image.
    package static var ofImageCopies: [EdgeVariant] {
        of(ImageStatus.NodeCopy(name: "node-1", bytes: 1, state: .present, message: "m").json)
    }

    private static let conditions = [
        Condition(
            type: "Ready", status: .true, reason: "r", message: "m", observedGeneration: 1,
            lastTransitionTime: WallTime(milliseconds: 1))
    ]

    private static let edges: [JSON] =
        [
            "0", "-1", "2147483648", "9007199254740993", "9223372036854775807", "-9223372036854775808",
            "9223372036854775808", "18446744073709551616", "1.5", "1e300", "-1e300", "null", "true", "[]", "{}", "[[]]",
            "[null]", "{\"\":0}",
        ].map { text in
            guard let value = try? JSON(parsing: text) else { preconditionFailure(text) }
            return value
        } + [
            "", "-1", "9223372036854775807", "18446744073709551616", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
            "2023-02-30T00:00:00Z", "8Ei", "7Ei", "a\\b\"c", "\u{1b}[2J\n", "cafe\u{301}", "\u{202e}", "\u{0}",
        ]
}
