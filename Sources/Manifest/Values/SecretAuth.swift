public import JSONText
import Primitives

/// Which Secret's values prove that a source may be read, and under which keys they stand in it.
public struct SecretAuth: Hashable, Sendable {
    /// What a value is for, by the member that says where it stands.
    public enum Value: String, Hashable, Sendable, CaseIterable {
        case username = "usernameKey"
        case password = "passwordKey"
        /// A token that is sent without a user.
        case token = "tokenKey"
        /// A private key in the form of OpenSSH.
        case identity = "identityKey"
        /// The lines of `known_hosts` that a server's own key must be among.
        case knownHosts = "knownHostsKey"

        /// Where it stands if nothing is said.
        var key: String {
            switch self {
            case .username: "username"
            case .password: "password"
            case .token: "token"
            case .identity: "identity"
            case .knownHosts: "known_hosts"
            }
        }
    }

    public var secret: ObjectKey
    private var keys: [Value: String] = [:]

    public init(secret: String, namespace: String = KindInfo.defaultNamespace) {
        self.secret = KindInfo.secret.key(namespace: namespace, name: secret)
    }

    /// The key under which a value stands in the Secret.
    public func key(of value: Value) -> String { keys[value] ?? value.key }

    /// - Parameter values: Those that the source's kind has members for.
    init(_ reader: FieldReader, _ values: [Value]) throws(NotUnderstood) {
        var fields = reader
        let (secret, namespace) = try Self.place(&fields)
        self.init(secret: secret, namespace: namespace)
        for value in values {
            keys[value] = try fields.string(value.rawValue, .secretKey, atMostBytes: 253)
        }
        try fields.finish()
    }

    static func place(_ fields: inout FieldReader) throws(NotUnderstood) -> (secret: String, namespace: String) {
        let secret = try fields.require(fields.string("secret", .rfc1123Label, atMostBytes: 63), "secret")
        let namespace = try fields.string("namespace", .rfc1123Label, atMostBytes: 63)
        return (secret, namespace ?? KindInfo.defaultNamespace)
    }

    var json: JSON {
        var json: JSON = ["secret": .string(secret.name), "namespace": .string(secret.namespace)]
        for value in Value.allCases { json[value.rawValue] = keys[value].map(JSON.string) }
        return json
    }
}

/// One value of a Secret, as a manifest names it.
public struct SecretValueReference: Hashable, Sendable {
    public var secret: ObjectKey
    public var key: String

    public init(secret: String, namespace: String = KindInfo.defaultNamespace, key: String) {
        self.secret = KindInfo.secret.key(namespace: namespace, name: secret)
        self.key = key
    }

    init(_ reader: FieldReader, key usual: String) throws(NotUnderstood) {
        var fields = reader
        let (secret, namespace) = try SecretAuth.place(&fields)
        let key = try fields.string("key", .secretKey, atMostBytes: 253)
        try fields.finish()
        self.init(secret: secret, namespace: namespace, key: key ?? usual)
    }

    var json: JSON {
        ["secret": .string(secret.name), "namespace": .string(secret.namespace), "key": .string(key)]
    }
}
