import Primitives

/// A disk as a value: what is visible, what is durable, and every state that a crash may leave.
///
/// Content is durable up to the last sync; of what was written since, any set of 512-byte sectors may have reached the
/// disk. A name made, changed or removed is durable once its directory was synced; of the changes since, any set may
/// have. A file that lost its name is gone.
struct DiskImage: Sendable {
    static let sectorBytes = 512

    /// A file without its names.
    struct Content: Sendable {
        var visible: [UInt8] = []
        var durable: [UInt8] = []
        /// The sectors written since the last sync.
        private(set) var unsyncedSectors: Set<Int> = []
        /// Where the last two writes began. What lies before both is never written again by a log.
        private var lastWrites = (0, 0)

        init() {}

        /// Content that is durable as it is.
        init(durable bytes: [UInt8]) {
            visible = bytes
            durable = bytes
        }

        mutating func write(_ bytes: [UInt8], at offset: Int) {
            guard !bytes.isEmpty else { return }
            if visible.count < offset + bytes.count { setLength(offset + bytes.count) }
            visible.replaceSubrange(offset..<offset + bytes.count, with: bytes)
            lastWrites = (lastWrites.1, offset)
            unsyncedSectors.formUnion(offset / sectorBytes...(offset + bytes.count - 1) / sectorBytes)
        }

        mutating func setLength(_ length: Int) {
            if length < visible.count {
                visible.removeLast(visible.count - length)
            } else {
                visible += [UInt8](repeating: 0, count: length - visible.count)
            }
        }

        mutating func sync() {
            if hasUnsyncedLength {
                durable = visible
            } else {
                // Copying only what changed keeps the two arrays apart, and a segment is much larger than a batch.
                for sector in unsyncedSectors {
                    let range = sector * sectorBytes..<min((sector + 1) * sectorBytes, visible.count)
                    durable.replaceSubrange(range, with: visible[range])
                }
            }
            unsyncedSectors = []
        }

        /// A sync that failed: the kernel takes the pages for clean, shows them, and never writes them again.
        mutating func forgetUnsynced() { unsyncedSectors = [] }

        /// How many bytes from the start were durable long ago.
        var coldBytes: Int { min(lastWrites.0, lastWrites.1) }

        mutating func flip(bit: Int, at offset: Int) {
            visible[offset] ^= 1 << UInt8(bit)
            if offset < durable.count { durable[offset] ^= 1 << UInt8(bit) }
        }

        /// A file that grew or shrank has one more thing that may be lost: its length.
        var hasUnsyncedLength: Bool { visible.count != durable.count }
    }

    /// A change of a directory that is not durable yet.
    private enum NameChange: Sendable {
        case create(String, file: Int)
        case rename(String, String, file: Int)
        case remove(String)

        var directory: String {
            switch self {
            case .create(let path, _), .rename(_, let path, _), .remove(let path): DiskImage.directory(of: path)
            }
        }

        func apply(to names: inout [String: Int]) {
            switch self {
            case .create(let path, let file): names[path] = file
            case .rename(let from, let to, let file):
                if names[from] == file { names[from] = nil }
                names[to] = file
            case .remove(let path): names[path] = nil
            }
        }
    }

    private(set) var files: [Int: Content] = [:]
    private var visibleNames: [String: Int] = [:]
    private var durableNames: [String: Int] = [:]
    private var changes: [NameChange] = []
    private var visibleDirectories: Set<String> = ["/"]
    private var durableDirectories: Set<String> = ["/"]
    private var nextFile = 1

    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    // MARK: What programs do

    mutating func createDirectory(_ path: String) { visibleDirectories.insert(path) }

    func hasDirectory(_ path: String) -> Bool { visibleDirectories.contains(path) }

    func file(at path: String) -> Int? { visibleNames[path] }

    mutating func create(_ path: String) -> Int {
        let file = nextFile
        nextFile += 1
        files[file] = Content()
        change(.create(path, file: file))
        return file
    }

    /// The file must be there.
    mutating func rename(_ from: String, to path: String) {
        guard let file = visibleNames[from] else { preconditionFailure("there is no \(from) to rename") }
        change(.rename(from, path, file: file))
    }

    mutating func remove(_ path: String) { change(.remove(path)) }

    private mutating func change(_ change: NameChange) {
        change.apply(to: &visibleNames)
        changes.append(change)
    }

    mutating func write(_ bytes: [UInt8], at offset: Int, file: Int) { files[file]?.write(bytes, at: offset) }

    mutating func setLength(_ length: Int, file: Int) { files[file]?.setLength(length) }

    mutating func sync(file: Int) { files[file]?.sync() }

    /// A sync that failed; what was not durable by then never will be, though it is shown.
    mutating func failSync(file: Int) { files[file]?.forgetUnsynced() }

    mutating func syncDirectory(_ directory: String) {
        for change in changes where change.directory == directory { change.apply(to: &durableNames) }
        changes.removeAll { $0.directory == directory }
        for path in visibleDirectories where path != "/" && Self.directory(of: path) == directory {
            durableDirectories.insert(path)
        }
        let named = Set(durableNames.values).union(visibleNames.values)
        if files.count > named.count + 8 { files = files.filter { named.contains($0.key) } }
    }

    /// Names in a directory, ascending.
    func names(in directory: String) -> [String] {
        visibleNames.keys.filter { Self.directory(of: $0) == directory }
            .map { path in path.split(separator: "/").last.map(String.init) ?? path }.sorted()
    }

    // MARK: What time does

    /// Flips a bit of data that has long been at rest: of a log before its last two writes, or of a whole snapshot.
    ///
    /// - Returns: Where; nil if there is no such data.
    mutating func rot(_ chance: inout SeededGenerator) -> (path: String, offset: Int)? {
        var places: [(path: String, file: Int, bytes: Int)] = []
        for (path, file) in durableNames.sorted(by: { $0.key < $1.key }) where visibleNames[path] == file {
            guard let content = files[file], content.unsyncedSectors.isEmpty, !content.hasUnsyncedLength else {
                continue
            }
            let bytes = path.hasSuffix(".snap") ? content.durable.count : path.hasSuffix(".log") ? content.coldBytes : 0
            if bytes > 0 { places.append((path, file, bytes)) }
        }
        guard !places.isEmpty else { return nil }
        let place = chance.element(of: places)
        let offset = chance.below(place.bytes)
        files[place.file]?.flip(bit: chance.below(8), at: offset)
        return (place.path, offset)
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

    // MARK: What crashes do

    /// The disk after a power failure.
    ///
    /// - Parameter survives: Asked once for each uncertain thing, always in the same order.
    func crashed(_ survives: () -> Bool) -> DiskImage {
        var after = DiskImage()
        after.nextFile = nextFile
        after.durableDirectories = durableDirectories
        for path in visibleDirectories.subtracting(durableDirectories).sorted() where survives() {
            after.durableDirectories.insert(path)
        }
        after.visibleDirectories = after.durableDirectories
        var names = durableNames
        for change in changes where survives() { change.apply(to: &names) }
        after.durableNames = names.filter { after.durableDirectories.contains(Self.directory(of: $0.key)) }
        after.visibleNames = after.durableNames
        let kept = Set(after.durableNames.values)
        for (file, content) in files.sorted(by: { $0.key < $1.key }) {
            let bytes = Self.crashed(content, survives)
            if kept.contains(file) { after.files[file] = Content(durable: bytes) }
        }
        return after
    }

    /// How many sectors and names are not durable yet.
    var unsyncedCount: Int { changes.count + files.values.reduce(0) { $0 + $1.unsyncedSectors.count } }

    private static func crashed(_ content: Content, _ survives: () -> Bool) -> [UInt8] {
        var bytes = content.durable
        if content.hasUnsyncedLength, survives() {
            let longer = content.visible.count - bytes.count
            if longer > 0 { bytes += [UInt8](repeating: 0, count: longer) } else { bytes.removeLast(-longer) }
        }
        for sector in content.unsyncedSectors.sorted() where survives() {
            let start = sector * sectorBytes
            let end = min(start + sectorBytes, bytes.count)
            // Sectors behind a length that was lost are lost with it.
            guard start < end else { continue }
            let written = content.visible[min(start, content.visible.count)..<min(end, content.visible.count)]
            bytes.replaceSubrange(
                start..<end, with: written + [UInt8](repeating: 0, count: end - start - written.count))
        }
        return bytes
    }
}
