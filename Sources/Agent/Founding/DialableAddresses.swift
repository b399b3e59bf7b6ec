import Mesh

/// The addresses of a node that others can dial.
enum DialableAddresses {
    /// What was advertised, or the address that the node listens on, if that is one.
    static func of(bind: HostPort, advertise: [String]) throws(AgentError) -> [String] {
        if !advertise.isEmpty { return advertise }
        guard !HostPort.isWildcard(bind.description) else {
            throw AgentError(
                "--bind \(bind) is no address that other nodes can dial; "
                    + "add --advertise HOST:\(bind.port) with the address of this host that others reach")
        }
        return [bind.description]
    }
}
