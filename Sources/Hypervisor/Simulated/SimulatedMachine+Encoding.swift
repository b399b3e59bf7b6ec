package import Primitives

/// How a simulated machine is kept in a file: a format byte, the fields, and a CRC32C over both.
extension SimulatedMachine {
    private static let format: UInt8 = 1

    /// The console and passing phases are left out: a machine that was starting runs when it is read back, one that
    /// was stopping is stopped.
    package var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.write(Self.format)
        writer.write(fixed: uid.high)
        writer.write(fixed: uid.low)
        writer.write(name)
        writer.write(varint: epoch)
        writer.write(varint: generation)
        writer.write(launchDigest)
        writer.write(isKeptRunning)
        writer.write(varint: UInt64(UInt32(bitPattern: pid)))
        writer.write(signed: startedAt.milliseconds)
        writer.write(varint: starts)
        writer.write(varint: disks.count)
        for (name, sizeBytes) in disks.sorted(by: { $0.key < $1.key }) {
            writer.write(name)
            writer.write(signed: sizeBytes)
        }
        var bytes = writer.bytes
        let checksum = CRC32C.checksum(bytes)
        bytes += (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (8 * UInt32($0))) }
        return bytes
    }

    /// - Throws: For a checksum that does not match, for bytes that no machine has, and for an unknown format.
    package init(decoding bytes: [UInt8]) throws(DecodingFailure) {
        guard bytes.count > 4 else {
            throw DecodingFailure(.truncated(needed: 5, left: bytes.count), offset: 0)
        }
        let body = Array(bytes.dropLast(4))
        let checksum = bytes.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard CRC32C.checksum(body) == checksum else {
            throw DecodingFailure(.invalid("a checksum that does not match"), offset: body.count)
        }
        var reader = ByteReader(body)
        let format = try reader.readByte()
        guard format == Self.format else { throw DecodingFailure(.unknownVersion(UInt64(format)), offset: 0) }
        uid = UID(high: try reader.readFixed(UInt64.self), low: try reader.readFixed(UInt64.self))
        name = try reader.readString()
        epoch = try reader.readVarint()
        generation = try reader.readVarint()
        launchDigest = try reader.readString()
        phase = try reader.readBool() ? .running : .stopped(.unknown)
        pid = Int32(bitPattern: UInt32(truncatingIfNeeded: try reader.readVarint()))
        startedAt = WallTime(milliseconds: try reader.readSigned())
        starts = try reader.readVarint()
        let pairs = try reader.readList { (reader) throws(DecodingFailure) in
            (try reader.readString(), try reader.readSigned())
        }
        disks = Dictionary(pairs, uniquingKeysWith: { max($0, $1) })
        ignoresPowerButton = false
        console = []
        consoleStart = 0
        try reader.finish()
    }

    private var isKeptRunning: Bool {
        switch phase {
        case .stopped, .stopping: false
        default: true
        }
    }
}
