import Primitives

/// Bytes that machines boot or start from.
public struct ImageSpec: Hashable, Sendable {
    /// An absolute path on the nodes, or an http or https URL.
    public var source: String
    /// SHA-256, 64 lower-case hexadecimal digits.
    public var digestHex: String
    public var format: ImageFormat

    public init(source: String, digestHex: String, format: ImageFormat) {
        self.source = source
        self.digestHex = digestHex
        self.format = format
    }

    /// Paths are bytes: two spellings of one letter name two files.
    public static func == (left: ImageSpec, right: ImageSpec) -> Bool {
        left.source.hasSameBytes(as: right.source) && left.digestHex.hasSameBytes(as: right.digestHex)
            && left.format == right.format
    }

    public enum ImageFormat: String, Hashable, Sendable, CaseIterable {
        case raw
        case qcow2
        case kernel
        case initrd
    }
}
