import Primitives

/// How a snapshot's bytes travel: in chunks, each with its checksum behind it.
///
/// The checksum of a chunk starts from its number, so that chunks can't change places. A transfer begins and goes on at
/// the beginning of a chunk only.
struct SnapshotChunks: Equatable, Sendable {
    /// The bytes of every chunk but the last, without the checksum.
    static let chunkBytes = 256 << 10
    static let checksumBytes = 4

    /// How long the snapshot is.
    let dataBytes: Int

    var count: Int { (dataBytes + Self.chunkBytes - 1) / Self.chunkBytes }
    /// How many bytes travel.
    var streamBytes: Int { dataBytes + count * Self.checksumBytes }

    /// The bytes of the snapshot that make a chunk.
    func range(of number: Int) -> Range<Int> {
        let start = number * Self.chunkBytes
        return start..<min(start + Self.chunkBytes, dataBytes)
    }

    /// Where a chunk begins among the bytes that travel; for the number behind the last one, where they end.
    func offset(of number: Int) -> Int {
        min(number * (Self.chunkBytes + Self.checksumBytes), streamBytes)
    }

    /// The chunk that begins there, or ``count`` for the end; nil if none does.
    func number(at offset: Int) -> Int? {
        if offset == streamBytes { return count }
        let (number, rest) = offset.quotientAndRemainder(dividingBy: Self.chunkBytes + Self.checksumBytes)
        return rest == 0 && (0..<count).contains(number) ? number : nil
    }

    static func checksum(_ chunk: ArraySlice<UInt8>, number: Int) -> UInt32 {
        var crc = CRC32C()
        withUnsafeBytes(of: UInt64(number).littleEndian) { crc.update(buffer: $0) }
        crc.update(chunk)
        return crc.value
    }

    /// A chunk as it travels.
    func encode(_ number: Int, of data: [UInt8]) -> [UInt8] {
        let chunk = data[range(of: number)]
        var writer = ByteWriter(capacity: chunk.count + Self.checksumBytes)
        writer.write(raw: chunk)
        writer.write(fixed: Self.checksum(chunk, number: number))
        return writer.bytes
    }

    /// Whether the bytes are the chunk of that number, with its checksum.
    func isChunk(_ bytes: ArraySlice<UInt8>, number: Int) -> Bool {
        guard bytes.count == range(of: number).count + Self.checksumBytes else { return false }
        let checksum = Self.checksum(bytes.dropLast(Self.checksumBytes), number: number)
        return bytes.suffix(Self.checksumBytes).elementsEqual(withUnsafeBytes(of: checksum.littleEndian, Array.init))
    }
}
