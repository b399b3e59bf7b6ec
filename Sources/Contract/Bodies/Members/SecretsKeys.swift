public import JSONText
import Primitives

/// A key for secrets on its way from one member to another, which is the only way it ever goes.
public struct SharedSecretsKey: Equatable, Sendable {
    public var version: UInt32
    /// 32 bytes.
    public var bytes: [UInt8]

    public init(version: UInt32, bytes: [UInt8]) {
        self.version = version
        self.bytes = bytes
    }

    static let count = 32

    init(reader: AnswerReader) throws(AnswerMismatch) {
        version = try reader.number("version", in: 1...UInt32.max)
        guard let bytes = Base64.decode(try reader.text("key")), bytes.count == Self.count else {
            throw reader.mismatch("key", "\(Self.count) bytes in base64")
        }
        self.bytes = bytes
    }

    var json: JSON { ["version": .integer(Int64(version)), "key": .string(Base64.encode(bytes))] }
}

/// The answer to `GET /blixard/v1/secrets-keys`, for members alone: the keys for secrets that a member has.
public struct SecretsKeys: AnswerBody {
    public static let title = "the keys for secrets"

    public var keys: [SharedSecretsKey]

    public init(keys: [SharedSecretsKey]) {
        self.keys = keys
    }

    public init(_ reader: AnswerReader) throws(AnswerMismatch) {
        keys = try reader.elements("keys", SharedSecretsKey.init(reader:))
    }

    public var json: JSON { ["keys": .array(keys.map(\.json))] }
}

/// The body of `POST /blixard/v1/secrets-keys`, for members alone: has another member keep keys for secrets.
public struct SecretsKeyOffer: RequestBody {
    public var keys: SecretsKeys

    public init(keys: SecretsKeys) {
        self.keys = keys
    }

    /// - Throws: 400 for what is none.
    public init(json: JSON) throws(APIStatus) {
        do throws(AnswerMismatch) {
            keys = try SecretsKeys(json: json)
        } catch {
            throw APIStatus(.badRequest, error.description)
        }
    }

    public var json: JSON { keys.json }
}

/// The answer to `POST /blixard/v1/secrets-keys/rotate`: which key seals now.
public struct SecretsKeyRotation: AnswerBody {
    public static let title = "the answer to a rotation of the key for secrets"

    public var version: UInt32
    /// The names of the members that keep it.
    public var members: [String]

    public init(version: UInt32, members: [String]) {
        self.version = version
        self.members = members
    }

    public init(_ reader: AnswerReader) throws(AnswerMismatch) {
        version = try reader.number("version", in: 1...UInt32.max)
        members = try reader.texts("members")
    }

    public var json: JSON {
        ["version": .integer(Int64(version)), "members": .array(members.map { .string($0) })]
    }
}

/// The answer to `POST /blixard/v1/namespaces/NS/secrets/NAME/reveal`: the values of a Secret.
public struct RevealedSecret: AnswerBody {
    public static let title = "the values of a Secret"

    public var values: [String: [UInt8]]

    public init(values: [String: [UInt8]]) {
        self.values = values
    }

    public init(_ reader: AnswerReader) throws(AnswerMismatch) {
        values = [:]
        for member in reader.value("data")?.object ?? [:] {
            guard let bytes = member.value.string.flatMap({ Base64.decode($0) }) else {
                throw reader.mismatch("data", "an object of base64")
            }
            values[member.key] = bytes
        }
    }

    public var json: JSON {
        var data: JSON = [:]
        for (key, bytes) in values.sorted(by: { $0.key < $1.key }) { data[key] = .string(Base64.encode(bytes)) }
        return ["data": data]
    }
}
