import DiskFaults
import Primitives

// What time, and careless programs, do to the files of a log.
extension DiskImage {
    /// Flips a bit of data that has long been at rest: of a log before its last two writes, or of a whole snapshot.
    ///
    /// - Returns: What happened; nil if there is no such data.
    mutating func rot(_ chance: inout SeededGenerator) -> String? {
        let places = restingPlaces
        guard !places.isEmpty else { return nil }
        let place = chance.element(of: places)
        let offset = chance.below(place.bytes)
        flip(bit: chance.below(8), at: offset, file: place.file)
        return "a bit of \(place.path) flips at \(offset)"
    }

    /// Puts some sectors of one file over data at rest of the same or another one: the write of them was meant for
    /// elsewhere, so each byte has a right checksum, only not for that place.
    ///
    /// - Returns: What happened; nil if that changed nothing.
    mutating func misplace(_ chance: inout SeededGenerator) -> String? {
        let places = restingPlaces
        guard !places.isEmpty else { return nil }
        let (source, target) = (chance.element(of: places), chance.element(of: places))
        guard let content = files[source.file]?.durable else { return nil }
        let from = Self.sectorBytes * chance.below((content.count + Self.sectorBytes - 1) / Self.sectorBytes)
        let offset = Self.sectorBytes * chance.below((target.bytes + Self.sectorBytes - 1) / Self.sectorBytes)
        let wanted = Self.sectorBytes * chance.element(of: [1, 1, 2, 8, 16])
        let count = min(wanted, content.count - from, target.bytes - offset)
        let before = self
        overwrite(Array(content[from..<from + count]), at: offset, file: target.file)
        guard self != before else { return nil }
        return "\(count) bytes of \(source.path) at \(from) are written over \(target.path) at \(offset)"
    }

    /// The files that have data at rest, by their paths, and how much from their start it is.
    private var restingPlaces: [(path: String, file: Int, bytes: Int)] {
        durableNames.sorted { $0.key < $1.key }.compactMap { path, file in
            guard visibleNames[path] == file, let content = files[file], content.uncertainSectors.isEmpty,
                !content.hasUnsyncedLength
            else { return nil }
            let bytes = path.hasSuffix(".snap") ? content.durable.count : path.hasSuffix(".log") ? content.coldBytes : 0
            return bytes > 0 ? (path, file, bytes) : nil
        }
    }

    /// Cuts a file off at an offset, and removes those that follow it: what no careful program does.
    mutating func cut(at offset: Int, in path: String) {
        let directory = Self.directory(of: path)
        let kind = path.suffix(4)
        for name in names(in: directory).map({ directory + "/" + $0 }) where name > path && name.hasSuffix(kind) {
            remove(name)
        }
        guard let file = file(at: path), let bytes = files[file]?.visible.count, offset < bytes else { return }
        write([UInt8](repeating: 0, count: bytes - offset), at: offset, file: file)
    }
}
