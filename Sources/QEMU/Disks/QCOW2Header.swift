/// The beginning of a qcow2 file (docs/interop/qcow2.txt of QEMU). Pure: bytes in, what they say out.
///
/// Every number is bounded before it is used, so that no file can make its reader calculate with what does not fit.
public struct QCOW2Header: Equatable, Sendable {
    /// The size that a guest sees.
    public var virtualBytes: Int64
    public var version: UInt32
    public var clusterBits: UInt32
    /// Another file that shows through where this one holds nothing; nil if there is none.
    public var backingFile: String?
    /// How that file is to be read, as the header says it.
    public var backingFormat: String?
    /// Whether the data lies in another file.
    public var hasDataFile: Bool
    public var isEncrypted: Bool
    public var isCorrupt: Bool
    /// Tables of this file, by what they hold; empty ones are left out.
    var tables: [Table]

    struct Table: Equatable, Sendable {
        var name: String
        var offset: Int64
        var byteCount: Int64
    }

    /// Why bytes are no header that may be used.
    public struct Problem: Error, Equatable, Sendable, CustomStringConvertible {
        public let description: String

        public init(_ description: String) {
            self.description = description
        }
    }

    /// What must be given of a file, less only where the file is shorter: its first cluster, of the largest kind.
    public static let byteCount = 1 << 21
    private static let clusterBitsRange: ClosedRange<UInt32> = 9...21
    /// More than any file system holds, and some room to calculate.
    private static let largestBytes = Int64.max / 2
    /// QEMU's own bounds of a table in memory, and of snapshots.
    private static let largestTable: Int64 = 32 << 20
    private static let mostSnapshots: UInt32 = 65_536
    private static let longestName = 1023
    private static let magic = Array("QFI".utf8) + [0xfb]

    private enum Feature {
        static let dirty: UInt64 = 1 << 0
        static let corrupt: UInt64 = 1 << 1
        static let dataFile: UInt64 = 1 << 2
        static let compression: UInt64 = 1 << 3
        static let extendedEntries: UInt64 = 1 << 4
        static let known = dirty | corrupt | dataFile | compression | extendedEntries
    }

    private enum Extension {
        static let end: UInt32 = 0
        static let backingFormat: UInt32 = 0xe279_2aca
        static let dataFile: UInt32 = 0x4441_5441
    }

    /// - Parameter bytes: The beginning of the file, ``byteCount`` of them or all that there are.
    /// - Throws: ``Problem`` for bytes that are no complete header of version 2 or 3, or that have unknown features.
    public init(_ bytes: [UInt8]) throws(Problem) {
        let fields = HeaderFields(bytes)
        guard bytes.count >= 72, Array(bytes[0..<4]) == Self.magic else { throw Problem("it is no qcow2 file") }
        version = fields.word(4)
        guard version == 2 || version == 3 else { throw Problem("qcow2 version \(version) is unknown") }
        clusterBits = fields.word(20)
        guard Self.clusterBitsRange.contains(clusterBits) else {
            throw Problem("its clusters have 2^\(clusterBits) bytes; 2^9 to 2^21 are possible")
        }
        let clusterBytes = Int64(1) << Int64(clusterBits)
        guard let size = Int64(exactly: fields.long(24)), size <= Self.largestBytes else {
            throw Problem("its size, \(fields.long(24)) bytes, is beyond what is possible")
        }
        virtualBytes = size
        isEncrypted = fields.word(32) != 0

        var features: UInt64 = 0
        var headerBytes: Int64 = 72
        if version == 3 {
            guard bytes.count >= 104 else { throw Problem("its header is cut off") }
            features = fields.long(72)
            headerBytes = Int64(fields.word(100))
            guard headerBytes >= 104, headerBytes % 8 == 0, headerBytes <= clusterBytes else {
                throw Problem("its header has \(headerBytes) bytes, which is not possible")
            }
            guard fields.word(96) <= 6 else { throw Problem("its reference counts are wider than 64 bits") }
            guard Int64(bytes.count) >= headerBytes else { throw Problem("its header is cut off") }
            let method = headerBytes > 104 ? bytes[104] : 0
            guard method <= 1, (method != 0) == (features & Feature.compression != 0) else {
                throw Problem("it is compressed in an unknown way")
            }
        }
        guard features & ~Feature.known == 0 else {
            throw Problem("it needs features that are unknown (bits \(features & ~Feature.known))")
        }
        isCorrupt = features & Feature.corrupt != 0

        let nameOffset = fields.long(8)
        let nameBytes = Int(fields.word(16))
        var extensionsEnd = min(Int64(bytes.count), clusterBytes)
        backingFile = nil
        if nameOffset != 0 {
            guard nameBytes <= Self.longestName, let start = Int64(exactly: nameOffset), start >= headerBytes,
                start <= clusterBytes - Int64(nameBytes), start + Int64(nameBytes) <= Int64(bytes.count)
            else { throw Problem("the name of its backing file lies outside of its header") }
            backingFile = String(decoding: bytes[Int(start)..<Int(start) + nameBytes], as: UTF8.self)
            extensionsEnd = min(extensionsEnd, start)
        }
        let extensions = try Self.extensions(fields, from: headerBytes, to: extensionsEnd)
        backingFormat = extensions.backingFormat
        hasDataFile = features & Feature.dataFile != 0 || extensions.hasDataFile
        tables = try Self.tables(fields, virtualBytes, clusterBytes, features & Feature.extendedEntries != 0)
    }

    private static func extensions(
        _ fields: HeaderFields, from start: Int64, to end: Int64
    ) throws(Problem) -> (backingFormat: String?, hasDataFile: Bool) {
        var format: String?
        var hasDataFile = false
        var offset = Int(start)
        while Int64(offset) + 8 <= end {
            let kind = fields.word(offset)
            if kind == Extension.end { break }
            let count = Int64(fields.word(offset + 4))
            guard Int64(offset) + 8 + count <= end else { throw Problem("an extension of its header is cut off") }
            let data = fields.bytes[(offset + 8)..<(offset + 8 + Int(count))]
            switch kind {
            case Extension.backingFormat: format = String(decoding: data.prefix(64), as: UTF8.self)
            case Extension.dataFile: hasDataFile = true
            default: break
            }
            offset += 8 + Int((count + 7) / 8 * 8)
        }
        return (format, hasDataFile)
    }

    private static func tables(
        _ fields: HeaderFields, _ virtualBytes: Int64, _ clusterBytes: Int64, _ isExtended: Bool
    ) throws(Problem) -> [Table] {
        // One entry of the first table stands for one cluster full of entries of the second.
        let perEntry = clusterBytes * (clusterBytes / (isExtended ? 16 : 8))
        let entries = Int64(fields.word(36))
        let needed = virtualBytes / perEntry + (virtualBytes % perEntry == 0 ? 0 : 1)
        guard entries * 8 <= largestTable, needed <= entries else {
            throw Problem("its first table has \(entries) entries, for its size it needs \(needed)")
        }
        let counts = Int64(fields.word(56)) * clusterBytes
        guard counts > 0, counts <= largestTable else {
            throw Problem("its table of reference counts has \(counts) bytes, which is not possible")
        }
        let snapshots = fields.word(60)
        guard snapshots <= mostSnapshots else { throw Problem("it has \(snapshots) snapshots; too many") }
        var tables: [Table] = []
        // A snapshot's own record has at least 40 bytes.
        for (name, place, byteCount) in [
            ("first table", 40, entries * 8), ("table of reference counts", 48, counts),
            ("table of snapshots", 64, Int64(snapshots) * 40),
        ] where byteCount > 0 {
            guard let offset = Int64(exactly: fields.long(place)), offset > 0, offset % clusterBytes == 0,
                offset <= largestBytes
            else { throw Problem("its \(name) lies at no cluster") }
            tables.append(Table(name: name, offset: offset, byteCount: byteCount))
        }
        return tables
    }
}

/// Numbers in the order of the network. Callers have checked that the bytes are there.
private struct HeaderFields {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func word(_ offset: Int) -> UInt32 {
        guard bytes.count >= offset + 4 else { return 0 }
        return bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    func long(_ offset: Int) -> UInt64 { UInt64(word(offset)) << 32 | UInt64(word(offset + 4)) }
}

extension QCOW2Header {
    /// Why a file with this header may not be an image; nil if it may.
    ///
    /// An image is what its digest covers and nothing else: a file that shows what is in another one, or that can't be
    /// read without a key, is none.
    ///
    /// - Parameter fileBytes: The length of the file.
    public func problemAsImage(fileBytes: Int64) -> String? {
        if backingFile != nil {
            return "it names a backing file, which its digest does not cover; make it whole with "
                + "`qemu-img convert -O qcow2 FROM TO` and take the digest of that"
        }
        if hasDataFile {
            return "its data lies in another file, which its digest does not cover; make it whole with "
                + "`qemu-img convert -O qcow2 FROM TO` and take the digest of that"
        }
        if isEncrypted { return "it is encrypted, and there is no key for it" }
        if isCorrupt { return "it is marked as corrupt; mend it with `qemu-img check -r all`" }
        for table in tables where table.offset > fileBytes - table.byteCount {
            return "its \(table.name) lies beyond its end, at \(table.offset); the file has \(fileBytes) bytes"
        }
        return nil
    }
}
