import Primitives

/// What the opener of a stream says first: what it is for, and what will be sent.
public struct StreamHeader: Equatable, Sendable {
    /// The longest name of a kind, in bytes.
    public static let kindBytes = 64
    /// The most parameters, in bytes.
    public static let parameterBytes = 60 << 10
    static let version: UInt8 = 1
    /// The longest frame, without its length field, that either side accepts.
    static let frameBytes = 64 << 10

    /// What the stream is for, as both sides call it: 1 to ``kindBytes`` bytes.
    public var kind: String
    /// Whatever a stream of this kind needs to know first; the mesh does not look inside.
    public var parameters: [UInt8]
    /// What the opener will send.
    public var extent: StreamExtent
    /// The first byte that the opener wants of the listener: what is before it, it holds already.
    public var resume: UInt64

    public init(kind: String, parameters: [UInt8], extent: StreamExtent, resume: UInt64) {
        precondition((1...Self.kindBytes).contains(kind.utf8.count), "a kind of \(kind.utf8.count) bytes")
        precondition(parameters.count <= Self.parameterBytes, "parameters of \(parameters.count) bytes")
        self.kind = kind
        self.parameters = parameters
        self.extent = extent
        self.resume = resume
    }
}

/// What one side of a stream will send.
public enum StreamExtent: Equatable, Sendable {
    /// Exactly this many bytes, counted from the beginning even if the other side holds a part of them; the checksum is
    /// the CRC-32C of all.
    case exactly(bytes: UInt64, checksum: UInt32)
    /// As many as there will be.
    case open

    /// Nothing at all.
    public static let nothing = StreamExtent.exactly(bytes: 0, checksum: 0)

    /// How many bytes follow after `resume`; nil for an open end.
    func left(after resume: UInt64) -> UInt64? {
        switch self {
        case .exactly(let bytes, _): bytes - resume
        case .open: nil
        }
    }

    /// Whether a transfer can begin there.
    func contains(_ resume: UInt64) -> Bool {
        switch self {
        case .exactly(let bytes, _): resume <= bytes
        case .open: resume == 0
        }
    }
}

/// The beginning of a stream's bytes that the receiver holds from an earlier try.
public struct HeldPrefix: Equatable, Sendable {
    public var bytes: UInt64
    /// CRC-32C of those bytes.
    public var checksum: UInt32

    public init(bytes: UInt64, checksum: UInt32) {
        self.bytes = bytes
        self.checksum = checksum
    }

    public static let none = HeldPrefix(bytes: 0, checksum: 0)
}

// Form of the frame: `u32` length of the rest, version (1), kind, extent, resume, parameters.
extension StreamHeader {
    var frame: [UInt8] {
        var body = ByteWriter(capacity: 128 + parameters.count)
        body.write(Self.version)
        body.write(kind)
        body.write(extent)
        body.write(varint: resume)
        body.write(prefixed: parameters)
        return body.framed
    }

    /// Reads the frame's content, without its length field.
    init(decoding content: [UInt8]) throws(DecodingFailure) {
        var reader = ByteReader(content)
        try reader.expectStreamVersion()
        let kind = try reader.readString()
        guard (1...Self.kindBytes).contains(kind.utf8.count) else {
            throw DecodingFailure(.invalid("a kind of \(kind.utf8.count) bytes"), offset: 1)
        }
        let extent = try reader.readExtent()
        let resume = try reader.readVarint()
        let offset = reader.offset
        let parameters = try reader.readPrefixed()
        guard parameters.count <= Self.parameterBytes else {
            throw DecodingFailure(.invalid("parameters of \(parameters.count) bytes"), offset: offset)
        }
        try reader.finish()
        self.init(kind: kind, parameters: parameters, extent: extent, resume: resume)
    }
}
