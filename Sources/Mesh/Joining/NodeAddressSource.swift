import Glibc

/// What `--addr` or `BLIXARD_NODE_ADDR` says: where to find a node.
public enum NodeAddressSource: Equatable, Sendable {
    case registry(path: String)
    case ticket(Ticket)
    /// An address alone says nothing about whose key to expect.
    case address(HostPort)

    /// Reads the text by rules that never guess from its length or looks.
    ///
    /// What begins with `blx1` and has only a ticket's characters is a ticket, and must be a good one. What has a
    /// slash, ends in `.json`, or is the name of a file, is a registry file. Everything else must be `host:port`.
    /// - Throws: ``MeshError/ticket(_:)`` or ``MeshError/malformed(what:problem:)``.
    public init(_ text: String) throws(MeshError) {
        try self.init(text) { access($0, F_OK) == 0 }
    }

    init(_ text: String, fileExists: (String) -> Bool) throws(MeshError) {
        if Ticket.isTicket(text), !text.contains(where: { "./:-_".contains($0) }) {
            self = .ticket(try Ticket(text))
        } else if text.contains("/") || text.hasSuffix(".json") || fileExists(text) {
            self = .registry(path: text)
        } else {
            self = .address(try HostPort(text))
        }
    }

    /// The nodes to dial, in order. Reads the registry file, and so blocks on the disk.
    ///
    /// - Throws: As ``RegistryFile/read(_:)``.
    public func targets() throws(MeshError) -> [DialTarget] {
        switch self {
        case .registry(let path):
            let file = try RegistryFile.read(path)
            return [.key(file.key, addresses: file.dialableAddresses)]
        case .ticket(let ticket): return ticket.members.map { .key($0.key, addresses: $0.addresses) }
        case .address(let address): return [.anyKey(address: address.description)]
        }
    }
}
