import Contract
public import JSONText
public import Primitives

/// What the command line remembers of clusters: how to reach each one, and under which identity.
public struct ContextFile: Equatable, Sendable {
    /// The name of the entry that commands use; empty if none was chosen.
    public var current: String
    /// By name.
    public private(set) var contexts: [Entry]

    public init(current: String = "", contexts: [Entry] = []) {
        self.current = current
        self.contexts = contexts
    }

    public struct Entry: Equatable, Sendable {
        public var name: String
        public var clusterID: String
        /// The file with the private key.
        public var identity: String
        public var members: [ContextMember]
        /// The state directory, if this host started the cluster.
        public var dataDirectory: String?

        public init(
            name: String, clusterID: String, identity: String, members: [ContextMember], dataDirectory: String?
        ) {
            self.name = name
            self.clusterID = clusterID
            self.identity = identity
            self.members = members
            self.dataDirectory = dataDirectory
        }
    }

    public var currentEntry: Entry? { contexts.first { $0.name == current } }

    /// What a cluster's context is called: as it is already, else as wished, and where another cluster has that name,
    /// with the beginning of the cluster's id behind it.
    ///
    /// A cluster that was founded anew in the same state directory takes the name of the one that was there.
    public func name(for wished: String, clusterID: String, dataDirectory: String?) -> String {
        let own = contexts.first { $0.clusterID == clusterID && $0.dataDirectory == dataDirectory }
        if let own { return own.name }
        func isFree(_ name: String) -> Bool {
            guard let entry = contexts.first(where: { $0.name == name }) else { return true }
            return entry.clusterID == clusterID || dataDirectory != nil && entry.dataDirectory == dataDirectory
        }
        let candidates = [wished, "\(wished)-\(clusterID.prefix(8))"]
        return candidates.first(where: isFree) ?? "\(wished)-\(clusterID)"
    }

    /// Puts an entry in the place of the one of its name, and makes it the current one.
    public mutating func use(_ entry: Entry) {
        contexts.removeAll { $0.name == entry.name }
        contexts.append(entry)
        contexts.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        current = entry.name
    }
}

/// A member of a cluster as a context knows it.
public struct ContextMember: Equatable, Sendable {
    public var id: UInt64
    public var name: String
    public var key: PublicKey
    /// `host:port`, dialed in this order.
    public var addresses: [String]

    public init(id: UInt64, name: String, key: PublicKey, addresses: [String]) {
        self.id = id
        self.name = name
        self.key = key
        self.addresses = addresses
    }
}

extension ContextFile {
    public var json: JSON {
        [
            "current": .string(current),
            "contexts": .array(
                contexts.map { entry in
                    var value: JSON = [
                        "name": .string(entry.name), "cluster_id": .string(entry.clusterID),
                        "identity": .string(entry.identity), "members": .array(entry.members.map(\.json)),
                    ]
                    if let directory = entry.dataDirectory { value["data_dir"] = .string(directory) }
                    return value
                }),
        ]
    }

    /// Nil if a member is missing or of another type; members that this program does not know are left away.
    init?(_ json: JSON) {
        guard let current = json["current"]?.string, let array = json["contexts"]?.array else { return nil }
        var contexts: [Entry] = []
        for value in array {
            guard let name = value["name"]?.string, let clusterID = value["cluster_id"]?.string,
                let identity = value["identity"]?.string, let members = value["members"]?.array
            else { return nil }
            let known = members.compactMap(ContextMember.init)
            guard known.count == members.count else { return nil }
            contexts.append(
                Entry(
                    name: name, clusterID: clusterID, identity: identity, members: known,
                    dataDirectory: value["data_dir"]?.string))
        }
        self.init(current: current, contexts: contexts)
    }
}

extension ContextMember {
    var json: JSON {
        [
            "id": .integer(Int64(id)), "name": .string(name), "key": .string(key.description),
            "addresses": .array(addresses.map { .string($0) }),
        ]
    }

    init(_ member: MemberContact) {
        self.init(id: member.id, name: member.name, key: member.key, addresses: member.addresses)
    }

    init?(_ json: JSON) {
        guard let id = json["id"]?.integer, id > 0, let key = json["key"]?.string.flatMap({ PublicKey(hex: $0) }),
            let addresses = json["addresses"]?.array
        else { return nil }
        self.init(
            id: UInt64(id), name: json["name"]?.string ?? "node-\(id)", key: key,
            addresses: addresses.compactMap(\.string))
    }
}
