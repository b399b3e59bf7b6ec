public import JSONText

extension ImageSpec: SpecView {
    public static var kind: KindInfo { .image }

    public init(json: JSON) throws(NotUnderstood) {
        var fields = try FieldReader(json, at: JSONPath(keys: "spec"))
        let source = try fields.require(
            fields.string("source", .absolutePathOrURL, atMostBytes: FetchURL.longestBytes), "source")
        let digest = try fields.require(fields.string("digest"), "digest")
        let format = try fields.require(fields.choice("format", of: ImageFormat.self), "format")
        try fields.finish()
        guard let hex = ValueFormat.digestHex(of: digest) else {
            throw NotUnderstood(
                path: fields.path.appending("digest"),
                problem: .unexpected(found: digest, allowed: ValueFormat.sha256.rule))
        }
        self.init(source: source, digestHex: hex, format: format)
    }

    public var json: JSON {
        [
            "source": .string(source), "digest": .string("sha256:" + digestHex), "format": .string(format.rawValue),
        ]
    }
}
