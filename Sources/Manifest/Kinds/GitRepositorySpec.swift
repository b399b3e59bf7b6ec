public import JSONText

/// Where manifests are that the cluster follows, and how it applies them.
public struct GitRepositorySpec: Hashable, Sendable {
    /// What becomes of changes that others make to what was applied.
    public enum Drift: String, Hashable, Sendable, CaseIterable {
        /// The manifests are applied again.
        case enforce
        /// It is said, and nothing is done.
        case warn
    }

    /// Which commit is followed; nil for the branch that the repository's `HEAD` names.
    public enum Reference: Hashable, Sendable {
        case branch(String)
        case tag(String)
        /// The full name, in hexadecimal digits.
        case commit(String)

        /// The member of the spec that says it.
        var member: String {
            switch self {
            case .branch: "branch"
            case .tag: "tag"
            case .commit: "commit"
            }
        }

        public var name: String {
            switch self {
            case .branch(let name), .tag(let name), .commit(let name): name
            }
        }
    }

    public var url: String
    public var reference: Reference?
    /// The directory inside of the repository; `.` is all of it.
    public var path = "."
    /// From a fetch to the next one; 10 to 86,400.
    public var intervalSeconds = 60
    /// Whether nothing is fetched and applied for now.
    public var isSuspended = false
    /// The name of the ManifestSet; nil for that of the object.
    public var set: String?
    /// Whether an apply deletes what the set no longer names; else the set says so.
    public var prune = false
    public var drift = Drift.enforce
    /// OpenSSH public keys, of which one must have signed the commit; empty if none needs to.
    public var verifyKeys: [String] = []
    /// With what it is proved that the repository may be read; nil for nothing.
    public var auth: SecretAuth?
    /// What proves that a call of the webhook comes from the repository's server; nil takes no calls.
    public var webhook: SecretValueReference?

    /// A repository with defaults for everything else.
    public init(url: String) {
        self.url = url
    }

    /// URLs, paths and names of branches are bytes: two spellings of one letter are two names.
    public static func == (left: GitRepositorySpec, right: GitRepositorySpec) -> Bool {
        left.json.canonicalBytes == right.json.canonicalBytes
    }

    /// The most keys of ``verifyKeys``.
    public static let mostKeys = 20
}

extension GitRepositorySpec: SpecView {
    public static var kind: KindInfo { .gitRepository }

    public init(json: JSON) throws(NotUnderstood) {
        var fields = try FieldReader(json, at: JSONPath(keys: "spec"))
        self.init(url: try fields.require(fields.string("url", .gitURL, atMostBytes: FetchURL.longestBytes), "url"))
        let references: [Reference?] = [
            try fields.string("branch", .gitReference, atMostBytes: 255).map(Reference.branch),
            try fields.string("tag", .gitReference, atMostBytes: 255).map(Reference.tag),
            try fields.string("commit", .gitCommit, atMostBytes: 64).map(Reference.commit),
        ]
        let named = references.compactMap(\.self)
        guard named.count <= 1 else {
            throw NotUnderstood(
                path: fields.path.appending(named[1].member),
                problem: .unexpected(found: named[1].name, allowed: "left out beside a \(named[0].member)"))
        }
        reference = named.first
        path = try fields.string("path", .gitPath, atMostBytes: 1024) ?? path
        intervalSeconds = try fields.integer("intervalSeconds", in: 10...86_400) ?? intervalSeconds
        isSuspended = try fields.bool("suspend") ?? isSuspended
        set = try fields.string("set", .rfc1123Label, atMostBytes: 63)
        prune = try fields.bool("prune") ?? prune
        drift = try fields.choice("drift", of: Drift.self) ?? drift
        if let reader = try fields.nested("auth") {
            auth = try SecretAuth(reader, [.username, .password, .identity, .knownHosts])
        }
        if let reader = try fields.nested("webhook") { webhook = try SecretValueReference(reader, key: "token") }
        if let verify = try fields.nested("verify") { verifyKeys = try Self.keys(verify) }
        try fields.finish()
    }

    private static func keys(_ reader: FieldReader) throws(NotUnderstood) -> [String] {
        var fields = reader
        let keys = try fields.require(fields.strings("keys"), "keys")
        try fields.finish()
        let isAllowed = keys.allSatisfy { $0.utf8.count <= 2048 && ValueFormat.sshPublicKey.problem($0) == nil }
        guard isAllowed, (1...mostKeys).contains(keys.count) else {
            throw NotUnderstood(
                path: fields.path.appending("keys"),
                problem: .unexpected(found: "\(keys.count) texts", allowed: "1 to \(mostKeys) OpenSSH public keys"))
        }
        return keys
    }

    public var json: JSON {
        var json: JSON = ["url": .string(url)]
        if let reference { json[reference.member] = .string(reference.name) }
        json["path"] = .string(path)
        json["intervalSeconds"] = .integer(Int64(intervalSeconds))
        json["suspend"] = .bool(isSuspended)
        json["set"] = set.map(JSON.string)
        json["prune"] = .bool(prune)
        json["drift"] = .string(drift.rawValue)
        if !verifyKeys.isEmpty { json["verify"] = ["keys": .array(verifyKeys.map(JSON.string))] }
        json["auth"] = auth?.json
        json["webhook"] = webhook?.json
        return json
    }
}
