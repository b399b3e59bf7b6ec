public import JSONText
import Primitives

/// Bytes that machines boot or start from.
public struct ImageSpec: Hashable, Sendable {
    /// An absolute path on the nodes, or an http or https URL.
    public var source: String
    /// SHA-256, 64 lower-case hexadecimal digits.
    public var digestHex: String
    public var format: ImageFormat
    /// With what it is proved that the source may be read; nil for nothing.
    public var auth: SecretAuth?

    public init(source: String, digestHex: String, format: ImageFormat, auth: SecretAuth? = nil) {
        self.auth = auth
        self.source = source
        self.digestHex = digestHex
        self.format = format
    }

    /// Paths are bytes: two spellings of one letter name two files.
    public static func == (left: ImageSpec, right: ImageSpec) -> Bool {
        left.source.hasSameBytes(as: right.source) && left.digestHex.hasSameBytes(as: right.digestHex)
            && left.format == right.format && left.auth == right.auth
    }

    public enum ImageFormat: String, Hashable, Sendable, CaseIterable {
        case raw
        case qcow2
        case kernel
        case initrd
    }
}

extension ImageSpec: SpecView {
    public static var kind: KindInfo { .image }

    public init(json: JSON) throws(NotUnderstood) {
        var fields = try FieldReader(json, at: JSONPath(keys: "spec"))
        let source = try fields.require(
            fields.string("source", .absolutePathOrURL, atMostBytes: FetchURL.longestBytes), "source")
        let digest = try fields.require(fields.string("digest"), "digest")
        let format = try fields.require(fields.choice("format", of: ImageFormat.self), "format")
        let auth = try fields.nested("auth").map { (reader) throws(NotUnderstood) in
            try SecretAuth(reader, [.username, .password, .token])
        }
        try fields.finish()
        guard let hex = ValueFormat.digestHex(of: digest) else {
            throw NotUnderstood(
                path: fields.path.appending("digest"),
                problem: .unexpected(found: digest, allowed: ValueFormat.sha256.rule))
        }
        self.init(source: source, digestHex: hex, format: format, auth: auth)
    }

    public var json: JSON {
        var json: JSON = [
            "source": .string(source), "digest": .string("sha256:" + digestHex), "format": .string(format.rawValue),
        ]
        json["auth"] = auth?.json
        return json
    }
}
