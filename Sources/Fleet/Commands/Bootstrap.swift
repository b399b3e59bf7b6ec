public import Primitives

/// What makes a new log a cluster: its id, its first member, and who may administer it.
public struct Bootstrap: Equatable, Sendable {
    /// The member that the cluster starts with, a voter.
    public struct Founder: Equatable, Sendable {
        /// At least 1.
        public var id: UInt64
        /// The name of its Node object; nil stands for `node-<id>`.
        public var name: String?
        public var key: PublicKey
        /// `host:port`, dialable from other hosts.
        public var addresses: [String]

        public init(id: UInt64, name: String?, key: PublicKey, addresses: [String]) {
            self.id = id
            self.name = name
            self.key = key
            self.addresses = addresses
        }
    }

    /// Random text that no other cluster has; never empty.
    public var clusterID: String
    public var member: Founder
    /// The key of the first administrator.
    public var adminKey: PublicKey
    public var adminName: String
    /// The fingerprint of the first key for secrets; nil in logs of clusters that began without one.
    public var secretsFingerprint: [UInt8]?

    public init(
        clusterID: String, member: Founder, adminKey: PublicKey, adminName: String, secretsFingerprint: [UInt8]? = nil
    ) {
        self.clusterID = clusterID
        self.member = member
        self.adminKey = adminKey
        self.adminName = adminName
        self.secretsFingerprint = secretsFingerprint
    }
}
