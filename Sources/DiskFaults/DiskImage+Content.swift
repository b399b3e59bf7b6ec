import Glibc

extension DiskImage {
    private static let zeros = [UInt8](repeating: 0, count: sectorBytes)

    /// A file without its names.
    package struct Content: Hashable, Sendable {
        /// What programs read.
        package private(set) var visible: [UInt8] = []
        /// What is on the disk for certain, but for the sectors below.
        package private(set) var durable: [UInt8] = []
        /// The sectors that a later sync makes durable.
        package private(set) var unsynced: Set<Int> = []
        /// The sectors of a failed sync: shown, perhaps on the disk, and made durable by no later sync.
        package private(set) var abandoned: Set<Int> = []
        private var lastWrite = 0
        private var writeBefore = 0

        init() {}

        /// Content that is durable as it is.
        init(durable bytes: [UInt8]) {
            visible = bytes
            durable = bytes
        }

        /// A file that grew or shrank has one more thing that may be lost: its length.
        package var hasUnsyncedLength: Bool { visible.count != durable.count }

        /// The sectors that may read as they do now after a crash, or as they did at the last sync.
        package var uncertainSectors: Set<Int> { unsynced.union(abandoned) }

        /// How many bytes from the start lie before the last two writes: a log never writes them again.
        package var coldBytes: Int { min(lastWrite, writeBefore, visible.count) }

        // MARK: What programs do

        mutating func write(_ bytes: [UInt8], at offset: Int) {
            guard !bytes.isEmpty else { return }
            let end = offset + bytes.count
            if visible.count < end { setLength(end) }
            visible.replaceSubrange(offset..<end, with: bytes)
            (writeBefore, lastWrite) = (lastWrite, offset)
            noteWritten(offset..<end)
        }

        mutating func setLength(_ length: Int) {
            let before = visible.count
            if length < before {
                visible.removeLast(before - length)
                // What lies behind the end is lost with the length, or comes back as it was.
                unsynced = unsynced.filter { $0 * sectorBytes < length }
                abandoned = abandoned.filter { $0 * sectorBytes < length }
            } else {
                visible += [UInt8](repeating: 0, count: length - before)
                // Where the file was cut off before, the disk may still have what stood there.
                let known = min(length, durable.count)
                if before < known { noteWritten(before..<known) }
            }
        }

        /// A sector that reads as it does on the disk is there, whether or not it reaches the disk again; one of a
        /// failed sync is uncertain until a sync whatever it reads now.
        private mutating func noteWritten(_ range: Range<Int>) {
            for sector in range.lowerBound / sectorBytes...(range.upperBound - 1) / sectorBytes {
                let wasAbandoned = abandoned.remove(sector) != nil
                if wasAbandoned || !readsAsDurable(sector) {
                    unsynced.insert(sector)
                } else {
                    unsynced.remove(sector)
                }
            }
        }

        /// Whether the sector reads the same after a crash; what lies behind the durable length reads as zeros.
        private func readsAsDurable(_ sector: Int) -> Bool {
            let start = sector * sectorBytes
            let end = min(start + sectorBytes, visible.count)
            let known = max(start, min(end, durable.count))
            return visible.withUnsafeBytes { visible in
                durable.withUnsafeBytes { durable in
                    DiskImage.zeros.withUnsafeBytes { zeros in
                        Self.isSame(visible, durable, at: start, count: known - start)
                            && memcmp(visible.baseAddress! + known, zeros.baseAddress!, end - known) == 0
                    }
                }
            }
        }

        private static func isSame(
            _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer, at offset: Int, count: Int
        ) -> Bool {
            count == 0 || memcmp(left.baseAddress! + offset, right.baseAddress! + offset, count) == 0
        }

        mutating func sync() {
            if hasUnsyncedLength {
                let before = durable
                durable = visible
                for sector in abandoned { Self.copy(sector, from: before, to: &durable) }
            } else {
                // Copying only what changed keeps the two arrays apart, and a segment is much larger than a batch.
                for sector in unsynced { Self.copy(sector, from: visible, to: &durable) }
            }
            unsynced = []
        }

        mutating func failSync() {
            abandoned.formUnion(unsynced)
            unsynced = []
        }

        // MARK: What goes wrong

        mutating func overwrite(_ bytes: [UInt8], at offset: Int) {
            Self.overwrite(&visible, with: bytes, at: offset)
            Self.overwrite(&durable, with: bytes, at: offset)
        }

        private static func overwrite(_ content: inout [UInt8], with bytes: [UInt8], at offset: Int) {
            guard offset < content.count else { return }
            let end = min(offset + bytes.count, content.count)
            content.replaceSubrange(offset..<end, with: bytes[..<(end - offset)])
        }

        /// Gives a sector of `target`, as far as that has it, the content that it has in `source`.
        static func copy(_ sector: Int, from source: [UInt8], to target: inout [UInt8]) {
            let start = sector * sectorBytes
            let end = min(start + sectorBytes, target.count)
            // Sectors behind a length that was lost are lost with it.
            guard start < end else { return }
            let known = source[min(start, source.count)..<min(end, source.count)]
            target.replaceSubrange(start..<end, with: known + [UInt8](repeating: 0, count: end - start - known.count))
        }
    }
}
