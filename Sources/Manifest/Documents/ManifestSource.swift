public import JSONText

/// A file or request body that holds documents.
public struct ManifestSource: Sendable {
    public enum Content: Sendable {
        /// JSON text: an object, an array of objects, a `List`, or several of them one after the other.
        case text([UInt8])
        /// A value that came from elsewhere (YAML, a patch), with the way from a path to the place where it stands.
        case value(JSON, position: (@Sendable (JSONPath) -> JSONPosition?)?)
    }

    /// What errors call it.
    public let name: String
    public let content: Content

    public init(name: String, content: Content) {
        self.name = name
        self.content = content
    }

    public init(name: String, bytes: [UInt8]) {
        self.init(name: name, content: .text(bytes))
    }
}
