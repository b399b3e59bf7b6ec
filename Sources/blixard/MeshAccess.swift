import API
import Commands
import Contract
import Mesh
import Primitives

/// Connections and keys over the mesh.
struct MeshAccess: ClusterAccess {
    func connect(_ request: ConnectionRequest) throws(ClientFailure) -> any ClusterConnection {
        let identity: Identity
        do {
            guard let found = try Identity.load(at: request.identityPath) else {
                throw ClientFailure.unusable(
                    "the private key \(request.identityPath) does not exist; --identity names another file")
            }
            identity = found
        } catch let failure as ClientFailure {
            throw failure
        } catch {
            throw .unusable("\(error)")
        }
        return MeshConnection(identity: identity, contact: try contact(request))
    }

    func identity(at path: String, create: Bool) throws(FileFailure) -> PublicKey {
        do {
            if create { return try Identity.loadOrCreate(at: path).publicKey }
            guard let identity = try Identity.load(at: path) else {
                throw FileFailure(path: path, problem: "the private key does not exist")
            }
            return identity.publicKey
        } catch let failure as FileFailure {
            throw failure
        } catch {
            throw FileFailure(path: path, problem: "\(error)")
        }
    }

    /// Where the cluster's members are, and by which keys they are believed.
    private func contact(_ request: ConnectionRequest) throws(ClientFailure) -> MeshConnection.Contact {
        guard let address = request.address else {
            let endpoints = request.members.map {
                Endpoint(
                    key: $0.key, addresses: $0.addresses, name: "\($0.name) at \($0.addresses.first ?? "no address")")
            }
            return .endpoints(try checked(endpoints, request, "the context"))
        }
        do {
            switch try NodeAddressSource(address) {
            case .registry(let path):
                let file = try RegistryFile.read(path)
                let name = "node \(file.nodeID) at \(file.dialableAddresses.first ?? "no address")"
                return .endpoints(
                    try checked([Endpoint(key: file.key, addresses: file.dialableAddresses, name: name)], request, path)
                )
            case .ticket(let ticket):
                let endpoints = ticket.members.map {
                    Endpoint(
                        key: $0.key, addresses: $0.addresses, name: "node \($0.nodeID) at \($0.addresses.first ?? "")")
                }
                return .endpoints(try checked(endpoints, request, "the ticket"))
            case .address(let host):
                if let key = request.expectedKey {
                    return .endpoints([Endpoint(key: key, addresses: [host.description], name: host.description)])
                }
                return .unknownKey(address: host.description, trusted: Set(request.members.map(\.key)))
            }
        } catch let failure as ClientFailure {
            throw failure
        } catch {
            throw .unusable("\(request.addressOrigin) \"\(address)\": \(error)")
        }
    }

    /// A key that the caller vouches for must be among those that the source names.
    private func checked(
        _ endpoints: [Endpoint], _ request: ConnectionRequest, _ source: String
    ) throws(ClientFailure) -> [Endpoint] {
        guard let expected = request.expectedKey else { return endpoints }
        let matching = endpoints.filter { $0.key == expected }
        guard !matching.isEmpty else {
            let keys = endpoints.compactMap { $0.key?.description }.joined(separator: ", ")
            throw .unusable("--expect-key \(expected): \(source) names \(keys.isEmpty ? "no key" : keys)")
        }
        return matching
    }
}
